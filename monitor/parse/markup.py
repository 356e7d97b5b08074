"""From HTML to the words a reader sees, and a guarded tree for selectors. Knows HTML; knows no site.

Scripts, styles, hidden parts and page furniture never reach a text. What remains is plain text with line breaks:
whoever
shows it escapes it.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from monitor.model import Document
from monitor.parse import bounds
from monitor.parse.faults import Unreadable
from monitor.text import storable

FURNITURE = (
    "script,style,noscript,template,iframe,object,embed,svg,math,canvas,nav,aside,form,button,select,textarea,input,"
    "footer"
)
_BLOCK_NAMES = (
    "p div br li ul ol dl dt dd tr table section article header h1 h2 h3 h4 h5 h6 blockquote pre figure figcaption hr "
    "center main"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_UNWANTED = frozenset(FURNITURE.split(",")) - {"nav", "aside", "form", "footer", "button", "svg"} | {"head", "title"}
_BREAK = re.compile(r"<(?:br|/?(?:" + "|".join(sorted(_BLOCKS - {"br"})) + r"))\b[^>]*>", re.I)
_CELL = re.compile(r"</t[dh]>", re.I)
_ESCAPED = re.compile(r"</(?:p|div|span|a|b|strong|font|em|td|li)>|<(?:br|p|img|div)\b[^<>]*>", re.I)
_ANY_TAG = re.compile(r"<[^>]*>")
_EMOTICON = re.compile(r"<img\b[^>]*?\balt\s*=\s*[\"']?(\[[^\]\"'<>]{1,12}\])[^>]*>", re.I)
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NUMBER = re.compile(r"\d{1,9}$")  # a `sid` of few digits is a story's, a long one a session's
_REFERENCE = re.compile(r"&#(?:([0-9]+)|[xX]([0-9a-fA-F]+));?")
_TRACKING = re.compile(
    r"^(utm_\w+|spm|spm_id_from|from|share_token|timestamp|tt_from|_t|sid|phpsessid|jsessionid|extra|highlight)$", re.I
)


def tidy(text: str) -> str:
    """Plain text as stored: no control or invisible signs, single spaces, no empty lines, at most MAX_TEXT
    characters.
    """
    text = _INVISIBLE.sub("", storable(text)).replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub(" ", text)
    lines = (re.sub(r"[ \t\u00a0\u3000\u2002\u2003\u2009]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)[: bounds.MAX_TEXT]


def line(text: str) -> str:
    """Like `tidy`, on one line: titles and names."""
    return " ".join(tidy(text).split("\n"))[:500]


def unescaped(text: str) -> str:
    """Character references as the characters they name."""
    return html.unescape(nameable(text))


def nameable(text: str) -> str:
    """With U+FFFD for references to numbers that are no character: one of them, in a single post, makes libraries raise
    (five thousand digits, half a surrogate pair, beyond U+10FFFF).
    """
    return _REFERENCE.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    digits = (found[1] or found[2]).lstrip("0") or "0"
    number = int(digits, 10 if found[1] else 16) if len(digits) < 9 else 0
    good = 0x20 <= number < 0xD800 or 0xE000 <= number <= 0x10FFFF or number in (0x9, 0xA, 0xD)
    return found[0] if good else "\ufffd"


def plain(fragment: str) -> str:
    """The words of an HTML fragment, blocks on lines of their own. Text without markup is only tidied."""
    if "<" not in fragment:
        said = unescaped(fragment)
        if said == fragment or not _ESCAPED.search(said):
            return tidy(said)
        fragment = said  # markup that was escaped once more than its format asks for
    fragment = fragment[: bounds.MAX_FRAGMENT]
    bounds.within_depth(fragment)
    marked = _EMOTICON.sub(lambda match: html.escape(match[1]), re.sub(r"\s*\n\s*", " ", fragment))
    clean = nh3.clean(
        marked, tags=set(_BLOCKS) | {"td", "th"}, clean_content_tags=set(_UNWANTED), attributes={}, link_rel=None
    )
    text = _ANY_TAG.sub("", _BREAK.sub("\n", _CELL.sub(" ", clean)))
    return tidy(unescaped(text))


def plain_title(text: str) -> str | None:
    """A title on one line; None when nothing is left."""
    return line(plain(text)) or None


def tree(markup: str) -> LexborHTMLParser:
    """The parsed page, after counting tags and depth (Unreadable when there is too much of either)."""
    bounds.within_depth(markup)
    page = LexborHTMLParser(markup)
    _really_shallow(page)
    return page


def _really_shallow(page: LexborHTMLParser) -> None:
    """What the estimate let through: the depth of the tree itself, without recursion."""
    node, depth = page.root, 0
    while node is not None:
        if node.child is not None:
            node, depth = node.child, depth + 1
            if depth > bounds.MAX_DEPTH + 50:
                raise Unreadable("too_deep", depth=f"> {bounds.MAX_DEPTH}", limit=bounds.MAX_DEPTH)
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
        node = node.next if node is not None else None


def without_furniture(page: LexborHTMLParser) -> LexborHTMLParser:
    """The same tree without scripts, navigation, forms, footers and hidden parts."""
    for node in page.css(f"{FURNITURE},[hidden],[aria-hidden=true]"):
        node.decompose()
    for node in page.css("[style]"):
        if re.search(
            r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])",
            node.attributes.get("style") or "",
            re.I,
        ):
            node.decompose()
    return page


def words(node: LexborNode | None) -> str:
    """The visible text of a node."""
    return plain(node.html or "") if node is not None else ""


def pick(node: LexborNode, css: str, *, name: str = "item") -> list[LexborNode]:
    """All matches of an operator's selector; a selector that is no CSS is Unreadable with its name."""
    try:
        return list(node.css(css))
    except (SelectolaxError, ValueError, RuntimeError) as problem:
        raise Unreadable("selector", name=name, css=css, why=f"is not valid CSS ({problem})") from problem


def value(node: LexborNode, rule: str, *, name: str) -> str:
    """What a selector yields: `css` its text, `css@attribute` an attribute, `@attribute` of the node itself.

    "" if absent.
    """
    css, _, attribute = rule.partition("@")
    found = pick(node, css.strip(), name=name) if css.strip() else [node]
    if not found:
        return ""
    if attribute:
        return (found[0].attributes.get(attribute.strip()) or "").strip()
    return "\n".join(filter(None, (words(each) for each in found))) if name == "text" else words(found[0])


def based(document: Document, page: LexborHTMLParser) -> Document:
    """The document with the address that its links are meant against: <base href> where it has one."""
    node = page.css_first("base[href]")
    base = absolute(document.final_url or document.url, node.attributes.get("href")) if node else None
    return replace(document, final_url=base) if base else document


def absolute(base: str, link: str | None) -> str | None:
    """An http(s) address, resolved and without its fragment; None for javascript:, data:, mailto: and nonsense.

    A fragment that is a route of the page's own script (#/detail?id=7, #!7) stays: it alone tells the pages apart.
    """
    if not link or not link.strip():
        return None
    try:
        parts = urlsplit(urljoin(base, re.sub(r"[\t\r\n]", "", link.strip())))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:  # a port that is none raises
            return None
        return storable(urlunsplit(parts._replace(fragment=_route(parts.fragment))))
    except ValueError:
        return None


def _of_story(key: str, val: str) -> bool:
    return key.lower() == "sid" and bool(_NUMBER.match(val))


def _route(fragment: str) -> str:
    return fragment if fragment.startswith(("/", "!")) else ""


def identity(url: str) -> str:
    """What stays of an address when sharing and session parameters are gone: the same page found twice is one post.

    What is no address (`http://[`, a port of 99999) is an identity as it stands.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  read for what it raises
    except ValueError:
        return url
    said = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(key, val) for key, val in said if not _TRACKING.match(key) or _of_story(key, val)]
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port and parts.port not in {80, 443} else "")
    return urlunsplit(("", host, parts.path or "/", urlencode(kept), _route(parts.fragment))).removeprefix("//")
