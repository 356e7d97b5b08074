"""What a site offers and how it could be read, for whoever adds a feed. Knows shapes, makes guesses; saves nothing.

A guess is only ever proposed: the posts it gives are shown before anything is written to feeds.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.model import Document
from monitor.parse import markup, payload
from monitor.parse.decode import decode
from monitor.parse.faults import Unreadable
from monitor.parse.listing import best_group, date_in, row_of
from monitor.parse.page import densest

_FEED_TYPES = re.compile(r"application/(?:rss\+xml|atom\+xml|feed\+json|rdf\+xml)|text/xml", re.I)
_FEED_LINK = re.compile(r"[?&]mod=rss\b|/rss(?:\.xml|\.php|/|$)|/feed/?$|/atom\.xml$|\.rss$", re.I)
_XML = re.compile(r"^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.{0,2000}?-->\s*)*(?:<!DOCTYPE[^>\[]*+>\s*)?<(?:\w+:)?(\w+)", re.S)
_MESSAGES = re.compile(r"^(https?://[^/]+)/threads/list\?(?:.*&)?fid=(\d+)", re.I)  # the message board's page of a unit
_STOPS = re.compile(r"[。！？；，,.!?;]")
_SAFE_CLASS = re.compile(r"^[A-Za-z_][\w-]*$")


@dataclass(frozen=True, slots=True)
class Offer:
    """A better way that a page itself names: a feed it links to, the interface behind it."""

    url: str
    kind: str
    title: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a document could be read. `offers`: better ways the page itself names; `why`: what the guess rests on."""

    kind: str
    selectors: Mapping[str, str] = field(default_factory=dict)
    follow: bool = False
    offers: tuple[Offer, ...] = ()
    why: str = ""


def propose(document: Document) -> Proposal:
    """The most likely kind of a document, with selectors where it is a list. Unreadable: it is no text at all."""
    text = decode(document).text.lstrip("\ufeff \r\n\t")
    if text[:1] in "{[" or payload.is_callback(text):
        return _of_json(text)
    root = _XML.match(text)
    if root and root[1].lower() in {"rss", "feed", "rdf"}:
        discuz = "discuz" in text[:3000].lower()
        return Proposal("discuz" if discuz else "rss", follow=discuz, why=f"the document is {root[1]}")
    if root and root[1].lower() in {"urlset", "sitemapindex"}:
        return Proposal("sitemap", follow=True, why="the document is a sitemap")
    return _of_page(markup.tree(text), document)


def _of_json(text: str) -> Proposal:
    value: Any = payload.loads(text)
    if isinstance(value, dict) and ("jsonfeed.org" in str(value.get("version")) or "items" in value):
        return Proposal("rss", why="the document is a JSON Feed")
    keys = {key for row in payload.walk(value, limit=200) for key in row}
    for kind, marks in _MARKS.items():
        if found := keys & marks:
            return Proposal(kind, why=f"it has {', '.join(sorted(found))}")
    return Proposal("vendor", why="it is JSON of no known platform")


_MARKS = {
    "weibo": {"statuses", "mblog", "attitudes_count", "card_group"},
    "douyin": {"aweme_id", "aweme_list", "item_id", "comment_id"},
    "board": {"tid", "responseData", "is_reply", "nickName"},
}


def _of_page(page: LexborHTMLParser, document: Document) -> Proposal:
    offers = (*_messages(document), *_offers(page, document))
    generator = page.css_first("meta[name=generator]")
    if "discuz" in ((generator.attributes.get("content") or "") if generator else "").lower() or page.css_first(
        "[id^=postmessage_], tbody[id^=normalthread_]"
    ):
        return Proposal("discuz", follow=True, offers=offers, why="the page is of a Discuz! forum")
    group = best_group(page)
    if len(group) >= 3:
        why = f"{len(group)} links alike in place"
        return Proposal("listing", selectors_for(page, group), follow=True, offers=offers, why=why)
    return Proposal("page", offers=offers, why="no list of links was found")


def _messages(document: Document) -> list[Offer]:
    """The unsigned list behind a page of a message board."""
    match = _MESSAGES.match(document.final_url or document.url)
    if match is None:
        return []
    options = {"fid": match[2], "state": "1", "post_url": f"{match[1]}/threads/content?tid={{}}"}
    return [Offer(f"{match[1]}/threads/queryThreadsList", "board", f"fid {match[2]}", options)]


def _offers(page: LexborHTMLParser, document: Document) -> list[Offer]:
    """Feeds that the page names in its head, then links that look like one."""
    base = document.final_url or document.url
    found: dict[str, Offer] = {}
    for node in page.css("link[rel=alternate][href], a[href]"):
        href, said = node.attributes.get("href") or "", node.attributes.get("title") or node.text(strip=True)
        named = node.tag == "link" and _FEED_TYPES.search(node.attributes.get("type") or "")
        url = markup.absolute(base, href) if named or (node.tag == "a" and _FEED_LINK.search(href)) else None
        if url and url not in found:
            kind = "discuz" if "mod=rss" in url else "rss"
            found[url] = Offer(url, kind, markup.line(said) or url)
    return list(found.values())[:20]


# ------------------------------------------------------------------ selectors
def text_rule(documents: Sequence[Document]) -> str:
    """CSS of the block that holds the article on every one of these pages; "" where no name says it on all.

    Of the names that hold nearly all sentences on each page, the one with the least text around them.
    """
    trees = [markup.without_furniture(markup.tree(decode(document).text)) for document in documents]
    guesses = [densest(page.body) if page.body else None for page in trees]
    if len(trees) < 2 or not all(guesses):
        return ""
    least = [0.9 * _sentences(guess) for guess in guesses]
    names = {name for guess in guesses for name in _names_near(guess)}
    lengths = {name: _length(name, trees, least) for name in names}
    fitting = {name: length for name, length in lengths.items() if length}
    return min(sorted(fitting), key=lambda name: fitting[name]) if fitting else ""


def _sentences(node: LexborNode | None) -> int:
    return len(_STOPS.findall(markup.words(node)))


def _names_near(node: LexborNode | None) -> list[str]:
    """Names of a block, of what is inside it and of what is around it."""
    around = [node.parent, node.parent.parent if node.parent else None] if node else []
    inside = node.css("[id], [class]") if node else []
    return [_name(each) for each in (node, *inside[:50], *around) if each and set(_name(each)) & set(".#")]


def _length(css: str, pages: Sequence[LexborHTMLParser], least: Sequence[float]) -> int:
    """Characters that a name holds on all pages together; 0 where it is not one place that holds the sentences."""
    total = 0
    for page, wanted in zip(pages, least, strict=True):
        found = page.css(css)
        if len(found) != 1 or found[0].tag == "body" or _sentences(found[0]) < wanted:
            return 0
        total += len(markup.words(found[0]))
    return total


def selectors_for(page: LexborHTMLParser, group: list[LexborNode]) -> dict[str, str]:
    """CSS that finds the rows of a group of links and their parts; only what really matches those rows is proposed."""
    rows = [row_of(link, group) for link in group]
    wanted = {row.mem_id for row in rows}
    item = next((css for css in _row_rules(rows[0]) if _finds(page, css, wanted)), "")
    if not item:
        return {}
    rules = {"item": item, "link": "a", "title": "a"}
    if time := _time_rule(rows):
        rules["time"] = time
    return rules


def _row_rules(row: LexborNode) -> list[str]:
    """From the most telling to the plainest: own class, then the container's id or class, then tags only."""
    own = _name(row)
    rules = [own] if "." in own else []
    node, path = row.parent, own
    while node is not None and node.tag not in {"html", "-document"}:
        name = _name(node)
        rules.append(f"{name} > {path}" if path == own else f"{name} {own}")
        path, node = f"{name} > {path}", node.parent
    return sorted(rules, key=lambda rule: ("." not in rule and "#" not in rule, len(rule)))


def _name(node: LexborNode) -> str:
    identifier = node.attributes.get("id") or ""
    if _SAFE_CLASS.match(identifier) and not re.search(r"\d{3,}", identifier):
        return f"{node.tag}#{identifier}"
    classes = [name for name in (node.attributes.get("class") or "").split() if _SAFE_CLASS.match(name)]
    return f"{node.tag}.{classes[0]}" if classes else str(node.tag)


def _finds(page: LexborHTMLParser, css: str, wanted: set[int]) -> bool:
    """It finds nearly all rows and hardly anything else."""
    try:
        found = {node.mem_id for node in markup.pick(page.root, css)} if page.root else set()
    except Unreadable:
        return False
    return len(found & wanted) >= 0.9 * len(wanted) and len(found - wanted) <= 0.2 * len(wanted)


def _time_rule(rows: list[LexborNode]) -> str:
    """The smallest part of a row that says a date, if it does so in most rows."""
    for node in rows[0].css("*"):
        said = markup.words(node)
        if node.tag != "a" and len(said) <= 40 and date_in(said, "") and not node.css("a"):
            rule = _name(node) if "." in _name(node) else f"{node.tag}:nth-child({_place(node)})"
            dated = sum(1 for row in rows if date_in(markup.value(row, rule, name="time"), ""))
            return rule if dated >= 0.6 * len(rows) else ""
    return ""


def _place(node: LexborNode) -> int:
    """Its number among the elements of its parent, from 1."""
    place, before = 1, node.prev
    while before is not None:
        place, before = place + before.is_element_node, before.prev
    return place
