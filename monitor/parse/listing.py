"""A page that lists posts: by the feed's selectors, else the largest group of alike links.

Knows lists; reads no article.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import bounds, markup
from monitor.parse.dates import phrases, read_date
from monitor.parse.decode import decode
from monitor.parse.draft import content_key, count, draft
from monitor.parse.faults import Unreadable

_HEADLINE = 8  # characters: a group whose links are shorter on average is a menu
_SHORTEST = 4
_LABEL, _FEW = 6, 3  # characters of a category's name at most; links of a row that has one at most
_MORE = re.compile(r"(?:查看|阅读|点击)?(?:更多|全文|详情|下一页|上一页|返回|首页|尾页|末页|more)\W*$", re.I)
_TURNING = re.compile(r"odd$|even$|first$|last$|active$|on$|cur|\w*\d+$", re.I)  # classes that differ from row to row
_WHOLE_CARD = 30  # characters: a link that says more wraps a heading, a summary and a date
_HEADING = "h1,h2,h3,h4,h5,h6,[class*=tit],[class*=Tit],strong"
_ROWS = frozenset(
    {"li", "tr", "td", "th", "dd", "dt", "article", "div", "p", "section", "span", "strong", "b", "em", "font"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
)


def parse_listing(document: Document, feed: Feed) -> list[Post]:
    """Posts of a list page, in its order. With `follow` they are stubs whose pages are still to be fetched."""
    page = markup.tree(decode(document).text)
    document = markup.based(document, page)
    read = _chosen if feed.selectors.get("item") else _guessed
    posts = read(page, document, feed)
    if not posts:
        raise Unreadable("no_items")
    return posts[: bounds.MAX_POSTS]


def _chosen(page: LexborHTMLParser, document: Document, feed: Feed) -> list[Post]:
    """Rows by the operator's selectors. A selector that matches nothing anywhere is named: the page was redesigned."""
    rules = feed.selectors
    nodes = markup.pick(_body(page), rules["item"], name="item")
    if not nodes:
        raise Unreadable("selector", name="item", css=rules["item"], why="matches nothing on the page")
    posts = [post for node in nodes[: bounds.MAX_POSTS] if (post := _row(node, document, feed))]
    for name in ("title", "link", "text"):
        if (
            name in rules
            and not (feed.follow and name == "text")
            and not any(markup.value(node, rules[name], name=name) for node in nodes)
        ):
            raise Unreadable("selector", name=name, css=rules[name], why="matches nothing in any item")
    return posts


def _row(node: LexborNode, document: Document, feed: Feed) -> Post | None:
    rules = feed.selectors
    part = {
        name: markup.value(node, rules[name], name=name)
        for name in _PARTS
        if rules.get(name) and not (feed.follow and name == "text")
    }
    title, text = part.get("title", ""), part.get("text", "")
    anchor = _anchor(node, rules.get("link", ""), title)
    address = _address(node, rules.get("link", ""), anchor)
    if not rules.get("title") and anchor is not None:
        title = _caption(anchor)
    if not title and not text:
        return None
    return draft(
        document,
        feed,
        title=title,
        text=text,
        url=_own(address, document),
        when=part.get("time") or (None if rules.get("time") else date_in(markup.words(node), title)),
        author=part.get("author"),
        engagement=Engagement(
            count(part.get("views")), count(part.get("likes")), count(part.get("comments")), count(part.get("reposts"))
        ),
        complete=not (feed.follow and _own(address, document)),
    )


_PARTS = ("title", "text", "time", "author", "views", "likes", "comments", "reposts")


def _address(node: LexborNode, rule: str, anchor: LexborNode | None) -> str | None:
    """Where a row leads: `link: css@attribute` names the attribute, else it is a link's href."""
    if "@" in rule:
        return markup.value(node, rule, name="link") or None
    return anchor.attributes.get("href") if anchor is not None else None


def _anchor(node: LexborNode, rule: str, title: str) -> LexborNode | None:
    """The link of a row: by selector, or the one that says the title, or the one that says most."""
    css = rule.partition("@")[0].strip()
    links = markup.pick(node, css, name="link") if css else [*([node] if node.tag == "a" else []), *node.css("a[href]")]
    links = [link for link in links if link.attributes.get("href")]
    return max(links, key=lambda link: (bool(title) and title in _caption(link), len(_caption(link))), default=None)


def _caption(link: LexborNode) -> str:
    """What a link says; the full title often stands in its `title` attribute while the text is cut."""
    said, full = markup.line(markup.words(link)), markup.line(link.attributes.get("title") or "")
    heading = link.css_first(_HEADING if len(said) > _WHOLE_CARD else "h1,h2,h3,h4,h5,h6")
    said = (markup.line(markup.words(heading)) if heading is not None else "") or _without_date(link, said)
    stem = said.rstrip(".… ")
    return full if stem and len(full) > len(stem) and full.startswith(stem[:6]) else said


def _without_date(link: LexborNode, said: str) -> str:
    """The words of a link, a part of its own that is a date and nothing else left out."""
    if next(phrases(said), None) is not None:
        for part in link.css("span,em,i,b,time,p,div,small,font"):
            own = markup.line(markup.words(part))
            if own and own.strip("[]()（）【】") in phrases(own):
                said = said.replace(own, "", 1).strip()
    return said


def date_in(text: str, title: str) -> str | None:
    """The first thing in a row's text that looks like a date, its title left out."""
    return next(phrases(text.replace(title, " ") if title else text), None)


# ------------------------------------------------------------------ without selectors
@dataclass(frozen=True, slots=True)
class _Group:
    """Links that stand alike. `score`: how much like headlines; `dated`: how many have a date beside them, 0 to 1."""

    links: list[LexborNode]
    score: float
    dated: float


def _guessed(page: LexborHTMLParser, document: Document, feed: Feed) -> list[Post]:
    """The best group; where it is all dated, every other such group of a front page, too: none is the better one."""
    held = _in_script(page)
    groups = _groups(page) or _groups(markup.tree(held))
    chosen = [group for group in groups if group.dated == 1] if groups and groups[0].dated == 1 else groups[:1]
    return [_linked(link, row_of(link, group.links), document, feed) for group in chosen for link in group.links]


def _in_script(page: LexborHTMLParser) -> str:
    """The rows that some systems of government sites keep as data for their script to show (<script type=text/xml>)."""
    held = "".join(node.text_content or node.text() or "" for node in page.css("script[type='text/xml']"))
    return "<body>" + re.sub(r"<!\[CDATA\[|\]\]>", " ", held)


def best_group(page: LexborHTMLParser) -> list[LexborNode]:
    """The links that look like headlines: alike in place, most text in all, a date beside them counts double."""
    return next((group.links for group in _groups(page)), [])


def _groups(page: LexborHTMLParser) -> list[_Group]:
    """Every group of links that look like headlines, the best one first."""
    markup.without_furniture(page)
    groups: defaultdict[str, list[LexborNode]] = defaultdict(list)
    for link in _body(page).css("a[href]"):
        said = _caption(link)
        if (
            len(said) >= _SHORTEST
            and not _MORE.match(said)
            and markup.absolute("http://x.invalid/", link.attributes.get("href"))
        ):
            groups[_signature(link)].append(link)
    scored = [_scored(links) for links in map(_headlines, groups.values()) if len(links) >= 2]
    return sorted((group for group in scored if group.score > 0), key=lambda group: -group.score)


def _headlines(group: list[LexborNode]) -> list[LexborNode]:
    """Without the short links of a category or an author that stand beside the headline in its row."""
    rows: defaultdict[int, list[LexborNode]] = defaultdict(list)
    for link in group:
        rows[_row_number(link)].append(link)
    beside: set[int] = set()
    for links in (links for links in rows.values() if 1 < len(links) <= _FEW):
        lengths = [len(_caption(link)) for link in links]
        if max(lengths) > _HEADLINE:
            beside |= {link.mem_id for link, length in zip(links, lengths, strict=True) if length <= _LABEL}
    return [link for link in group if link.mem_id not in beside]


def _row_number(link: LexborNode) -> int:
    """The list item or table row around a link; the link itself where there is none."""
    node: LexborNode | None = link
    while node is not None and node.tag not in {"li", "tr", "body"}:
        node = node.parent
    return node.mem_id if node is not None and node.tag != "body" else link.mem_id


def _scored(links: list[LexborNode]) -> _Group:
    """Text of headlines, twice where all have dates. Links that are short on average are a menu, unless dated."""
    distinct = list({link.attributes.get("href"): link for link in links}.values())
    captions = [_caption(link) for link in distinct]
    dated = sum(1 for link, said in zip(distinct, captions, strict=True) if date_in(_around(link, links), said))
    share, lengths = dated / len(distinct), [len(said) for said in captions]
    menu = sum(lengths) < _HEADLINE * len(lengths) and share < 0.5
    return _Group(links, 0.0 if menu else sum(min(length, 40) for length in lengths) * (1 + share), share)


def _around(link: LexborNode, group: list[LexborNode]) -> str:
    return markup.words(row_of(link, group))


def _signature(link: LexborNode) -> str:
    """Where a link stands: names and classes of three ancestors, so that rows of one list are alike."""
    parts, node = [], link
    for _ in range(3):
        if node.parent is None or node.parent.tag in {"body", "html"}:
            break
        node = node.parent
        classes = [name for name in (node.attributes.get("class") or "").split() if not _TURNING.match(name)]
        parts.append(f"{node.tag}.{classes[0] if classes else ''}" if node.tag not in {"li", "tr"} else str(node.tag))
    return ">".join(parts)


def row_of(link: LexborNode, group: list[LexborNode]) -> LexborNode:
    """The row around a link: the outermost ancestor that holds no other link of its group."""
    href = link.attributes.get("href") or "#"
    own = {link.mem_id} if href.startswith("#") else {o.mem_id for o in group if o.attributes.get("href") == href}
    others = {other.mem_id for other in group} - own
    node = link
    while (
        node.parent is not None
        and node.parent.tag in _ROWS
        and not any(inner.mem_id in others for inner in node.parent.css("a[href]"))
    ):
        node = node.parent
    return node


def _linked(link: LexborNode, row: LexborNode, document: Document, feed: Feed) -> Post:
    title, said = _caption(link), markup.words(row)
    when = date_in(said, title)
    summary = said.replace(title, "", 1).replace(when or "", "", 1).strip("[]()（）·|-— \n")
    exact = row.css_first("time[datetime]")
    moment = read_date(exact.attributes.get("datetime"), now=document.fetched_at) if exact is not None else None
    moment = moment or read_date(when, now=document.fetched_at)
    text = summary if len(summary) >= 12 else ""
    url = _own(link.attributes.get("href"), document)
    named = None if url else content_key(title, "")
    done = not (feed.follow and url)
    return draft(document, feed, native_id=named, title=title, text=text, url=url, when=moment, complete=done)


def _own(href: str | None, document: Document) -> str | None:
    """Where a row leads, unless that is the list itself (`#`): such rows are told apart by what they say."""
    here = document.final_url or document.url
    url = markup.absolute(here, href)
    return url if url and markup.identity(url) != markup.identity(here) else None


def _body(page: LexborHTMLParser) -> LexborNode:
    if page.body is None:
        raise Unreadable("no_items")
    return page.body
