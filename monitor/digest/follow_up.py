"""续报: what is new in a case since its last report. Facts only; a person signs. Knows no file and gives no number.

It does not tell the beginning again (接报时间, 性质, 地点 stand in the first report): who has it needs the rest.
The first follow-up of 第3期 is 第3期续报一.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.digest.words import clock as clock_word
from monitor.digest.words import word
from monitor.errors import InputError
from monitor.reasons import in_words
from monitor.store.incidents import late
from monitor.store.papers import Issued
from monitor.text import face

Row = Mapping[str, Any]
LATEST = 20  # acts that one follow-up lists


@dataclass(frozen=True, slots=True)
class News:
    """What a follow-up tells: the report it follows, the last paper before it, what was recorded since."""

    report: Issued
    last: Issued
    rows: Sequence[Row]
    posts: int


def news(incident: Row, issued: Sequence[Issued], history: Sequence[Row], posts: Sequence[Row], say: Row) -> News:
    """What is new in a case as it stands; InputError where there was no report, or nothing happened since the last."""
    before = [one for one in issued if one.version != incident["version"]]
    if not before:
        raise InputError(say["no_report"].format(id=incident["id"]))
    rows = [row for row in history if row["at"] > before[-1].at]
    if not rows:
        raise InputError(say["nothing_new"].format(id=incident["id"], last=name_of(before[-1], say)))
    return News(before[0], before[-1], rows, sum(_joined(row, before[-1].at) for row in posts))


def _joined(post: Row, since: datetime) -> bool:
    return bool(post["recorded_at"] > since)


def name_of(one: Issued, say: Row) -> str:
    """第3期, 第3期续报一."""
    number, ordinals = one.number, say["ordinals"]
    if not number.follow:
        return str(say["first"]).format(number=number.number)
    told = ordinals[number.follow - 1] if number.follow <= len(ordinals) else str(number.follow)
    return str(say["number"]).format(number=number.number, follow=told)


def before(found: News, say: Row) -> list[str]:
    """The papers this one follows, so that nothing of them is repeated."""
    told = say["before"].format(report=name_of(found.report, say), at=face(found.report.at))
    if found.last is found.report:
        return [told]
    return [told, say["last"].format(last=name_of(found.last, say), at=face(found.last.at))]


def since(found: News, say: Row) -> list[str]:
    """What was recorded since, the machine's acts told as a number of posts."""
    acts = [row for row in found.rows if row["actor"] != "machine" or row["act"] == "raise"]
    lines = [
        say["act"].format(at=face(row["at"]), act=word("acts", row["act"]), reason=in_words(row["reason"]))
        for row in acts[-LATEST:]
    ]
    return [say["posts"].format(posts=found.posts), *lines]


def ahead(clocks: Sequence[Row], now: datetime, say: Row) -> list[str]:
    """What is due next, and what is late."""
    waiting = sorted((row for row in clocks if row["done_at"] is None), key=lambda row: row["due_at"])
    told = [
        say["late" if late(row, now) else "due"].format(clock=clock_word(row["name"]), due=face(row["due_at"]))
        for row in waiting
        if row["runs"]
    ]
    return told or [say["still" if waiting else "no_clock"]]
