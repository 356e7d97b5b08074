"""One article page into one post: the feed's selectors, then those of common publishing systems, then a guess by text
density when it is confident, then readability (60 ms a page: last resort). Knows pages; knows no lists.

Measured on 54 Chinese news pages: readability-lxml F1 0.90; on forum pages every guess is below 0.60, hence discuz.py.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.model import Document, Feed, Post
from monitor.parse import bounds, markup
from monitor.parse.dates import phrases, read_date
from monitor.parse.decode import decode
from monitor.parse.draft import draft
from monitor.parse.faults import Unreadable
from monitor.parse.known import catalogue, known_selectors

_PUNCTUATION = re.compile(r"[，。！？；：、,.!?;]")
_GONE = re.compile(
    r"(?:页面|网页|文章|内容|稿件|信息|主题|帖子)[^。<\n]{0,8}(?:不存在|已删除|已被删除|已下线|找不到)"
    r"|404 Not Found|您访问的页面"
)
_WALL = re.compile(_GONE.pattern + r"|登录后|请先?登录")
_LOGIN = re.compile(r"请先?登录后|需要先?登录|登录后(?:才能|方可|继续)")
_YEAR = re.compile(r"\d{4}")
_ENOUGH = 40  # characters: fewer are a caption, not an article
_SURE = 120


@dataclass(frozen=True, slots=True)
class Article:
    """What a page says. `how`: selector, known, density or readability."""

    title: str | None
    text: str
    when: datetime | None
    author: str | None
    how: str


def parse_page(document: Document, feed: Feed) -> list[Post]:
    """The one post of an article page. Unreadable when no text is found."""
    page = markup.tree(decode(document).text)
    found = article_of(page, feed.selectors, document)
    url = _canonical(page, document)
    return [draft(document, feed, title=found.title, text=found.text, url=url, when=found.when, author=found.author)]


def complete_from_page(document: Document, feed: Feed, stub: Post) -> Post:
    """The stub with the text of its page; its id, and what the list already said, stay."""
    found = article_of(markup.tree(decode(document).text), feed.selectors, document)
    return replace(
        stub,
        text=markup.tidy(found.text),
        title=found.title or stub.title if _poor(stub) else stub.title,
        published_at=_finer(stub.published_at, found.when),
        author=stub.author or found.author,
        complete=True,
    )


def _poor(stub: Post) -> bool:
    """A list's title that is none, is cut, or is only the address."""
    return not stub.title or stub.title.endswith(("...", "…")) or stub.title == stub.url


def _finer(listed: datetime | None, paged: datetime | None) -> datetime | None:
    """A list often gives the day only; the page's time of the same day is better."""
    if listed is None or paged is None:
        return listed or paged
    return paged if 0 <= (paged - listed).total_seconds() < 86_400 else listed


def article_of(page: LexborHTMLParser, selectors: Mapping[str, str], document: Document) -> Article:
    """Title, text, time and author of a page; `page_text` etc. name a page's parts where the list has its own."""
    meta = dict(_meta(page))
    body = _root(page)
    chosen = _rules(selectors)
    title = _chosen(body, chosen, "title") or _title(page, meta)
    when = read_date(_chosen(body, chosen, "time"), now=document.fetched_at) or _time(body, meta, document, title)
    author = _chosen(body, chosen, "author") or meta.get("author")
    visible = markup.words(body)
    _shown(page)
    markup.without_furniture(page)
    text, how = _text(page, chosen, title)
    if not text or (how in {"density", "readability"} and len(text) < 100 and _WALL.search(text)):
        _complain(visible)
    return Article(title, text, when, author, how)


def _shown(page: LexborHTMLParser) -> None:
    """Known containers of an article count as seen: some sites hide them until their script has run."""
    for css in known_selectors("article"):
        for node in page.css(css)[:3]:
            if "style" in node.attributes:
                del node.attrs["style"]


def _rules(selectors: Mapping[str, str]) -> dict[str, str]:
    """Which selector reads which part of a page. Where the feed is a list, `title` and `time` speak of its rows."""
    shared = {"text", "author"} if "item" in selectors else {"title", "text", "time", "author"}
    return {
        name: selectors.get(f"page_{name}") or (selectors.get(name, "") if name in shared else "")
        for name in ("title", "text", "time", "author")
    }


def _root(page: LexborHTMLParser) -> LexborNode:
    if page.body is None:
        raise Unreadable("no_text")
    return page.body


def _chosen(body: LexborNode, chosen: Mapping[str, str], name: str) -> str:
    return markup.value(body, chosen[name], name=name) if chosen[name] else ""


def _text(page: LexborHTMLParser, chosen: Mapping[str, str], title: str | None) -> tuple[str, str]:
    """The article and how it was found. An operator's selector that matches nothing is a redesign:
    no guess hides it.
    """
    body = _root(page)
    if chosen["text"]:
        text = markup.value(body, chosen["text"], name="text")
        if not text:
            raise Unreadable("selector", name="text", css=chosen["text"], why="matches nothing on the page")
        return text, "selector"
    for css in known_selectors("article"):
        node = page.css_first(css)
        text = markup.words(node)
        if len(text) >= _ENOUGH:
            return _without_title(text, title), "known"
    guess = densest(body)
    text = markup.words(guess)
    if guess is not None and len(text) >= _SURE:
        return _without_title(text, title), "density"
    fallback = _readable(page)
    best = max(text, fallback, key=len)
    if _says_something(best):
        return _without_title(best, title), "readability" if best is fallback else "density"
    return "", "none"


def _says_something(text: str) -> bool:
    return len(text) >= 10 and bool(_PUNCTUATION.search(text))


def _without_title(text: str, title: str | None) -> str:
    first, _, rest = text.partition("\n")
    return rest if title and rest and first.strip() == title else text


def densest(body: LexborNode) -> LexborNode | None:
    """The block that holds most sentences, links not counted:
    text credits its parent block, and by half the next one up.
    """
    credit: defaultdict[int, float] = defaultdict(float)
    nodes: dict[int, LexborNode] = {}
    for node in body.traverse(include_text=True):
        if node.tag != "-text":
            continue
        weight = _weight(node)
        for share, block in zip((1.0, 1.0, 0.4), _blocks_above(node), strict=False):
            if weight and block.tag != "body":
                credit[block.mem_id] += weight * share
                nodes[block.mem_id] = block
    if not credit:
        return None
    best = max(credit, key=lambda key: credit[key] / (1 + _linked(nodes[key])))
    return _with_its_like(nodes[best], credit) if credit[best] >= _ENOUGH else None


def _with_its_like(node: LexborNode, credit: Mapping[int, float]) -> LexborNode:
    """The parent, where an article is cut into sections: siblings of its name and class that hold sentences too."""
    parent = node.parent
    if parent is None or parent.tag in {"body", "html"}:
        return node
    alike = [other for other in parent.iter() if other.tag == node.tag and other.mem_id != node.mem_id]
    alike = [other for other in alike if other.attributes.get("class") == node.attributes.get("class")]
    return parent if any(credit.get(other.mem_id, 0) >= 0.1 * credit[node.mem_id] for other in alike) else node


def _weight(node: LexborNode) -> float:
    text = (node.text_content or "").strip()
    return len(text) + 10.0 * len(_PUNCTUATION.findall(text)) if len(text) >= 8 else 0.0


def _blocks_above(node: LexborNode) -> Iterator[LexborNode]:
    """The paragraph's container, then its ancestors; text inside a link belongs to none."""
    inside: list[LexborNode] = []
    current = node.parent
    while current is not None and len(inside) < 3 and current.tag not in {"-document", "html"}:
        if current.tag == "a":
            return
        if current.tag in {"div", "td", "section", "article", "main", "p", "body", "blockquote"}:
            inside.append(current)
        current = current.parent
    yield from inside


def _linked(node: LexborNode) -> float:
    """Link text per text, 0 to 1, weighted so that a list of links never wins."""
    whole = len(node.text(strip=True)) or 1
    return 4.0 * sum(len(link.text(strip=True)) for link in node.css("a")) / whole


def _readable(page: LexborHTMLParser) -> str:
    source = page.html or ""
    if len(source) > 1_000_000:
        return ""
    bounds.within_depth(source, limit=200)
    from readability import Document as Readable
    from readability.readability import Unparseable

    try:
        return markup.plain(str(Readable(source).summary(html_partial=True)))
    except (Unparseable, ValueError, SyntaxError, TypeError, AttributeError, RecursionError):
        return ""


def _complain(visible: str) -> None:
    if _LOGIN.search(visible):
        raise Unreadable("login")
    gone = _GONE.search(visible)
    if gone:
        raise Unreadable("removed", why=gone[0][:40])
    raise Unreadable("no_text")


# ------------------------------------------------------------------ what stands around the text
def _meta(page: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """title, time and author as machines are told:
    meta tags of Chinese government sites (GB/T 政府网站), Open Graph, JSON-LD.
    """
    wanted = catalogue("known.yaml")["meta"]
    for block in page.css("script[type='application/ld+json']")[:5]:
        yield from _linked_data(block.text_content or block.text() or "")
    for node in page.css("meta[content]"):
        key = (
            node.attributes.get("name") or node.attributes.get("property") or node.attributes.get("itemprop") or ""
        ).lower()
        content = markup.line(node.attributes.get("content") or "")
        if key in wanted and content:
            yield wanted[key], content


def _linked_data(text: str) -> Iterator[tuple[str, str]]:
    try:
        bounds.within_json_depth(text)
        data: Any = json.loads(text[:100_000], strict=False)
    except (ValueError, RecursionError, Unreadable):
        return
    rows = data if isinstance(data, list) else [data]
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("datePublished"), str):
            yield "time", row["datePublished"]
        if isinstance(row, dict) and isinstance(row.get("headline"), str):
            yield "title", markup.line(row["headline"])


def _title(page: LexborHTMLParser, meta: Mapping[str, str]) -> str | None:
    """The heading; the page's title without the site's name only where there is none."""
    headings = [markup.line(markup.words(node)) for node in page.css("h1")]
    named = page.css_first("title")
    whole = markup.line(named.text()) if named else ""
    for heading in headings:
        if 4 <= len(heading) <= 150 and (heading[:8] in whole or len(headings) == 1):
            return heading
    return meta.get("title") or re.split(r"\s*[-_|–—]{1,2}\s*(?=[^-_|–—]*$)", whole)[0].strip("-_ ") or None


def _time(body: LexborNode, meta: Mapping[str, str], document: Document, title: str | None) -> datetime | None:
    """By meta tag, by a known place, else the first date after the title: one before it is today's, in the banner."""
    if "time" in meta:
        found = read_date(meta["time"], now=document.fetched_at)
        if found:
            return found
    for css in known_selectors("time"):
        for node in body.css(css)[:5]:
            found = read_date(node.attributes.get("datetime") or markup.words(node)[:120], now=document.fetched_at)
            if found:
                return found
    visible = markup.words(body)
    start = max(0, visible.find(title)) if title else 0
    for written in phrases(visible[start : start + 3000]):
        if _YEAR.match(written) and (moment := read_date(written, now=document.fetched_at)):
            return moment
    return None


def _canonical(page: LexborHTMLParser, document: Document) -> str:
    """The page's own idea of its address, if it is on the same host."""
    here = document.final_url or document.url
    node = page.css_first("link[rel=canonical]")
    link = markup.absolute(here, node.attributes.get("href")) if node else None
    same = link and markup.identity(link).split("/")[0] == markup.identity(here).split("/")[0]
    return link if link and same and markup.identity(link).count("/") > 1 else here
