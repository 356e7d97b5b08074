"""JSON and JSONP bodies, guarded, and the questions every JSON parser asks of them. Knows no platform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitor.model import Document
from monitor.parse import bounds
from monitor.parse.decode import decode
from monitor.parse.faults import Unreadable

Row = Mapping[str, Any]
_CALLBACK = re.compile(r"^\s*(?:/\*.{0,200}?\*/\s*)?(?:window\.)?[\w$.]{1,100}\s*(?:=\s*|\(\s*)(?=[\[{])", re.S)
_LOGIN = re.compile(r"请先?登录|需要登录|登录后|passport\.|login", re.I)


def load(document: Document) -> Any:
    """The JSON value of a body, whatever its Content-Type says; a callback around it (JSONP) is taken off."""
    return loads(decode(document).text)


def is_callback(text: str) -> bool:
    """Whether a text is JSON inside a call (JSONP)."""
    return bool(_CALLBACK.match(text[:500]))


def loads(text: str) -> Any:
    """Like `load`, of a text. Unreadable: not JSON, or nested too deep."""
    text = text.strip().lstrip("\ufeff").removeprefix(")]}'")
    if text.startswith("<"):
        raise Unreadable("login" if _LOGIN.search(text[:20_000]) else "not_json", why="it is a web page")
    bounds.within_json_depth(text)
    start = _CALLBACK.match(text)
    try:
        value, end = _JSON.raw_decode(text, start.end() if start else 0)
        return value if start else _with_what_follows(value, text, end)
    except (ValueError, RecursionError) as problem:
        raise Unreadable("not_json", why=str(problem)[:120]) from problem


def _with_what_follows(value: Any, text: str, end: int) -> Any:
    """The value, or all of them where a body holds several one after another (JSON lines)."""
    values = [value]
    while rest := text[end:].lstrip():
        if rest[0] not in "[{" or len(values) >= bounds.MAX_POSTS:
            break
        following, length = _JSON.raw_decode(rest)
        values.append(following)
        text, end = rest, length
    return values if len(values) > 1 else value


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


_JSON = json.JSONDecoder(strict=False, parse_constant=_refuse)


def rows(value: Any, *paths: str, what: str) -> list[Row]:
    """The first list of objects found at one of the dotted `paths` ("" is the value itself).

    Unreadable("missing") if none.
    """
    for path in paths:
        found = dig(value, path)
        if isinstance(found, list):
            found = [row for row in found if row is not None]  # a null says nothing
        if isinstance(found, list) and all(isinstance(row, Mapping) for row in found):
            return found[: bounds.MAX_POSTS]
    raise Unreadable("missing", what=f"{what} (a list at {' or '.join(path or 'the top' for path in paths)})")


def dig(value: Any, path: str) -> Any:
    """The value at a dotted path, or None."""
    for key in filter(None, path.split(".")):
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def first(row: Row, *keys: str) -> Any:
    """The first of these keys (or dotted paths) that holds something."""
    for key in keys:
        found = row.get(key) if key in row else dig(row, key)
        if found not in (None, "", [], {}):
            return found
    return None


def text_of(row: Row, *keys: str) -> str:
    """Like `first`, as text; objects and lists are not text."""
    found = first(row, *keys)
    return str(found) if isinstance(found, (str, int, float)) and not isinstance(found, bool) else ""


def numbered(rows: Sequence[Row], *keys: str, what: str) -> None:
    """Unreadable names the number where no row has one: another shape. One row without is named by what it says."""
    if rows and not any(text_of(row, *keys) for row in rows):
        required(rows[0], *keys, what=what)


def required(row: Row, *keys: str, what: str) -> str:
    """Like `text_of`; Unreadable names what is missing."""
    found = text_of(row, *keys)
    if not found:
        raise Unreadable("missing", what=f"{what} ({' or '.join(keys)})")
    return found


def walk(value: Any, *, limit: int = 20_000) -> Iterator[Row]:
    """Every object inside, outermost first, without recursion."""
    waiting: list[Any] = [value]
    for _ in range(limit):
        if not waiting:
            return
        current = waiting.pop(0)
        if isinstance(current, Mapping):
            yield current
            waiting.extend(current.values())
        elif isinstance(current, Sequence) and not isinstance(current, (str, bytes)):
            waiting.extend(current)
