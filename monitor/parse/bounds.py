"""How much of a stranger's document is read. Knows sizes and depths; knows no format.

Measured: the HTML parser is quadratic in nesting (20,000 open tags 0.55 s, 100,000 15 s), the feed parser grows without
bound on entity definitions and takes 20 s on 100,000 items. So everything is counted first, in one linear pass.
"""

from __future__ import annotations

import re

from monitor.parse.faults import Unreadable

MAX_BYTES = 10 * 1024 * 1024
MAX_TAGS = 30_000  # open tags of one page; large portals have about 10,000
MAX_DEPTH = 1_000  # nesting of one page; real ones stay under 100
MAX_XML_DEPTH = 100
MAX_POSTS = 500  # taken from one document; the newest come first everywhere
MAX_FRAGMENT = 500_000  # characters of HTML turned into words at once: the sanitiser is quadratic on broken references
MAX_TEXT = 100_000  # characters of one post
MAX_JSON_DEPTH = 100

# Markup as the tokenizer of the HTML standard (13.2.5) sees it; every quantifier possessive: one linear pass.
_NAME = r"[A-Za-z][^\s/>]*+"
_ATTRIBUTES = r"""(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?+)*+"""
_RAW = "script|style|textarea|title|xmp|iframe|noembed|noframes"
_TOKEN = re.compile(
    rf"<!--(?:.*?--!?>|.*)|<(?P<raw>{_RAW})(?=[\s/>]){_ATTRIBUTES}>?(?:.*?</(?P=raw)(?=[\s/>])|.*)"
    rf"|<(?P<end>/?)(?P<name>{_NAME}){_ATTRIBUTES}",
    re.I | re.S,
)
_CLOSED_BY_ITSELF = (
    "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th option thead tbody tfoot"
)
_NOT_NESTING = frozenset(_CLOSED_BY_ITSELF.split())


def within_bytes(body: bytes) -> None:
    """Refuses an empty body and one over MAX_BYTES."""
    if not body.strip():
        raise Unreadable("empty")
    if len(body) > MAX_BYTES:
        raise Unreadable("too_big", size=len(body), limit=MAX_BYTES)


def within_depth(markup: str, *, limit: int = MAX_DEPTH) -> None:
    """Refuses markup that nests deeper than `limit` or has more than MAX_TAGS open tags (Unreadable).

    An estimate by a stack of names; whoever fools it is still bounded by MAX_TAGS (about a second).
    """
    stack: list[str] = []
    waiting: dict[str, int] = {}
    opened = 0
    for match in _TOKEN.finditer(markup):
        if match["name"] is None:
            continue
        name = match["name"].lower()
        if match["end"]:
            _close(name, stack, waiting)
            continue
        opened += 1
        if opened > MAX_TAGS:
            raise Unreadable("too_many_tags", limit=MAX_TAGS)
        if name not in _NOT_NESTING:
            stack.append(name)
            waiting[name] = waiting.get(name, 0) + 1
            if len(stack) > limit:
                raise Unreadable("too_deep", depth=f"> {limit}", limit=limit)


def _close(name: str, stack: list[str], waiting: dict[str, int]) -> None:
    if not waiting.get(name):
        return
    while stack:
        top = stack.pop()
        waiting[top] -= 1
        if top == name:
            return


def within_json_depth(text: str, *, limit: int = MAX_JSON_DEPTH) -> None:
    """Refuses JSON that nests deeper than `limit`, before a recursive reader sees it.

    Brackets inside strings do not count.
    """
    depth = 0
    for match in _JSON.finditer(text):
        sign = match[0]
        if sign in "[{":
            depth += 1
            if depth > limit:
                raise Unreadable("too_deep", depth=f"> {limit}", limit=limit)
        elif sign in "]}":
            depth -= 1


_JSON = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.S)
