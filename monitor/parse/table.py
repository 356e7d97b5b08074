"""Rows with named columns into posts, by the synonyms of columns.yaml. Knows columns; knows no file format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import bounds, markup
from monitor.parse.draft import count, draft, drafts
from monitor.parse.faults import Unreadable
from monitor.parse.known import catalogue
from monitor.text import SHANGHAI

_SERIAL = re.compile(r"[34567]\d{4}(?:\.\d{1,12})?")  # 1982 to 2119, in days as spreadsheets count them
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001
WANTED, LISTED = 6, 20  # column names in one sentence


@cache
def _synonyms() -> dict[str, tuple[str, int]]:
    """Column name -> (field, rank): the earlier a name stands, the better."""
    table = catalogue("columns.yaml")
    return {_bare(str(name)): (field, rank) for field, names in table.items() for rank, name in enumerate(names)}


def _bare(name: str) -> str:
    name = re.sub(r"[（(\[【].*?[)）\]】]", "", name.strip().lstrip("\ufeff"))
    return re.sub(r"[\s_\-*＊:：.]", "", name).lower()


def columns(names: Iterable[str], feed: Feed) -> dict[str, list[str]]:
    """Field -> the columns that hold it, best first. Names in `options: {columns: {field: [...]}}` come before all."""
    own = {
        _bare(str(name)): (str(field), -1)
        for field, listed in dict(feed.options.get("columns") or {}).items()
        for name in ([listed] if isinstance(listed, str) else listed)
    }
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        known = own.get(_bare(name)) or _synonyms().get(_bare(name))
        if known:
            found.setdefault(known[0], []).append((known[1], name))
    return {field: [name for _, name in sorted(ranked)] for field, ranked in found.items()}


def is_header(cells: Sequence[Any], feed: Feed) -> bool:
    """At least two known columns, a text or title among them."""
    known = columns([str(cell) for cell in cells if cell not in (None, "")], feed)
    return len(known) >= 2 and bool({"text", "title"} & set(known))


def headings(names: Iterable[Any], feed: Feed) -> dict[str, str]:
    """What to tell of column names: `known` and `unknown` ones, and some `wanted` that would name a text."""
    given = [str(name).strip()[:20] for name in names if name not in (None, "")]
    found = {name for listed in columns(given, feed).values() for name in listed}
    wanted = [str(name) for name in catalogue("columns.yaml")["text"] if not str(name).isascii()][:WANTED]
    return {
        "known": "、".join(name for name in given if name in found) or "—",
        "unknown": "、".join([name for name in given if name not in found][:LISTED]) or "—",
        "wanted": "、".join(wanted),
    }


def posts_of(document: Document, feed: Feed, rows: Sequence[Mapping[str, Any]], *, strict: bool = True) -> list[Post]:
    """A post a row; empty rows are skipped. Unreadable: no known column, or a row without words (its number is named).

    `strict`: one such row refuses the whole, for a person who can mend the file; else only where they are many.
    """
    filled = [(number, row) for number, row in enumerate(rows, 1) if _filled(row)]
    if strict:
        return [_post(document, feed, row, number) for number, row in filled]
    return drafts(filled, lambda numbered: [_post(document, feed, numbered[1], numbered[0])])


def _filled(row: Mapping[str, Any]) -> bool:
    return any(cell not in (None, "") for cell in row.values())


def _post(document: Document, feed: Feed, row: Mapping[str, Any], number: int) -> Post:
    known = columns(row, feed)
    if not {"text", "title"} & set(known):
        raise Unreadable("no_header", rows=1, **headings(row, feed))

    def cell(field: str) -> Any:
        return next((row[name] for name in known.get(field, ()) if row[name] not in (None, "")), None)

    title, text = markup.plain_title(_words(cell("title"))), markup.plain(_words(cell("text")))
    if not title and not text:
        raise Unreadable("bad_row", row=number, why="neither title nor text")
    return draft(
        document,
        feed,
        native_id=_words(cell("id")) or None,
        title=title,
        text=text,
        url=_words(cell("url")) or None,
        when=_moment(cell("published_at")),
        author=_words(cell("author")) or None,
        engagement=Engagement(
            count(cell("views")), count(cell("likes")), count(cell("comments")), count(cell("reposts"))
        ),
    )


def _words(cell: Any) -> str:
    """A cell as text; a number without a fraction without one (ids typed as numbers)."""
    if cell is None or isinstance(cell, (dict, list)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().removeprefix("'")[: bounds.MAX_TEXT]


def _moment(cell: Any) -> str | datetime | None:
    """Spreadsheet times have no zone: Asia/Shanghai. A bare number of days is a cell that lost its format."""
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=SHANGHAI)
    words = _words(cell)
    if _SERIAL.fullmatch(words):
        return (_DAY_ZERO + timedelta(days=float(words) + 0.5 / 86_400)).replace(microsecond=0, tzinfo=SHANGHAI)
    return words or None
