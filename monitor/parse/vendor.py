"""Licensed vendors' answers (Baidu cloud, Alibaba cloud and alike): one list of articles, named in Chinese or English.

Knows that the fields are those of columns.yaml, wherever the list stands. Sentiment and author profiles are not read.
"""

from __future__ import annotations

from typing import Any

from monitor.model import Document, Feed, Post
from monitor.parse import payload
from monitor.parse.faults import refusal
from monitor.parse.known import known_selectors
from monitor.parse.table import posts_of

_LISTS = known_selectors("vendor_lists")
_FINE = frozenset({"0", "200", "true", "success", "ok", "none", ""})


def parse_vendor(document: Document, feed: Feed) -> list[Post]:
    """Articles of a vendor's answer. Unreadable: the vendor reports an error, or rows without title and text."""
    answer = payload.load(document)
    if isinstance(answer, dict):
        _refuse_error(answer)
    rows = payload.rows(answer, *_lists(feed), what="articles")
    if not rows:
        return []
    return posts_of(document, feed, [_flat(row) for row in rows], strict=False)


def _lists(feed: Feed) -> tuple[str, ...]:
    path = feed.options.get("list")
    return (str(path),) if path else _LISTS


def _refuse_error(answer: dict[str, Any]) -> None:
    for key in ("errorCode", "error_code", "errno", "code", "success", "status"):
        said = answer.get(key)
        if isinstance(said, (str, int, bool)) and str(said).lower() not in _FINE:
            why = payload.text_of(answer, "errorMessage", "errorMsg", "error_msg", "errmsg", "message", "msg")
            raise refusal(f"{said} {why}")


def _flat(row: payload.Row) -> dict[str, Any]:
    """One level of nesting is opened: `source: {name}`, `statistics: {…}`."""
    flat: dict[str, Any] = {}
    for key, found in row.items():
        if isinstance(found, dict):
            if isinstance(found.get("name"), str):
                flat[key] = found["name"]
            else:
                flat |= {inner: val for inner, val in found.items() if inner not in row and _plain(val)}
        elif _plain(found):
            flat[key] = found
    return flat


def _plain(value: Any) -> bool:
    return not isinstance(value, (dict, list))
