"""From stored rows to what a page shows: names, times left, amounts, highlighted words. Pure; writes no HTML by hand.

Sentences stand in the templates and words.yaml; here are only numbers, pieces of text and their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from monitor.routing.matrix import Matrix
from monitor.store.codec import facts_from, facts_json
from monitor.text import SHANGHAI, aware, face

FACTS = ("employer", "project", "place", "workers", "amount", "period")


@dataclass(frozen=True, slots=True)
class Names:
    """Ids of the matrix in Chinese; an id it does not know stands for itself."""

    departments: Mapping[str, str]
    shorts: Mapping[str, str]
    sectors: Mapping[str, str]
    traits: Mapping[str, str]

    @classmethod
    def of(cls, matrix: Matrix) -> Names:
        """The names of one matrix; long department names lose what stands in brackets."""
        departments = {row.id: row.name for row in matrix.departments.values()}
        return cls(
            departments=departments,
            shorts={id_: _short(matrix.departments[id_].short, name) for id_, name in departments.items()},
            sectors={row.id: row.name for row in matrix.sectors.values()},
            traits={row.id: row.name for row in matrix.traits.values()},
        )

    def department(self, id_: str) -> str:
        return self.shorts.get(id_, id_)

    def sector(self, id_: str) -> str:
        return self.sectors.get(id_, id_)

    def trait(self, id_: str) -> str:
        return self.traits.get(id_, id_)


def _short(shorts: Sequence[str], name: str) -> str:
    plain = name.split("（")[0]
    return plain if len(plain) <= 7 or not shorts else shorts[0]


# ------------------------------------------------------------------ times and amounts
@dataclass(frozen=True, slots=True)
class Left:
    """How long until a moment: `late` when it has passed; days, hours, minutes of the distance."""

    late: bool
    days: int
    hours: int
    minutes: int
    seconds: float  # signed

    @property
    def near(self) -> bool:
        return not self.late and self.seconds < 4 * 3600


def left(due: datetime, now: datetime) -> Left:
    """The distance from `now` to `due`."""
    seconds = (aware(due) - aware(now)).total_seconds()
    whole = int(abs(seconds))
    return Left(seconds < 0, whole // 86400, whole % 86400 // 3600, whole % 3600 // 60, seconds)


def iso(moment: datetime) -> str:
    """For `datetime` and `data-` attributes."""
    return aware(moment).isoformat(timespec="seconds")


def day(moment: datetime) -> str:
    """The calendar day in Shanghai, month and day."""
    return aware(moment).astimezone(SHANGHAI).strftime("%m-%d")


def clock(moment: datetime) -> str:
    """Month, day, hour and minute in Shanghai."""
    return aware(moment).astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def moment(stored: str) -> str:
    """A moment as the ledger keeps it (ISO 8601), as `clock` shows it."""
    return clock(datetime.fromisoformat(stored))


def plain(number: float) -> str:
    """A number without needless zeros, with separators: 1,280 or 12.5."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def bare(number: float | None) -> str:
    """A number as it is written into a form: no separators, nothing where there is none."""
    return "" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")


def wan(yuan: float) -> str:
    """Yuan in units of ten thousand, two places at most, none from a thousand on: 326000 -> 32.6."""
    if yuan >= 10_000_000:
        return f"{yuan / 10_000:,.0f}"
    return f"{yuan / 10_000:,.2f}".rstrip("0").rstrip(".")


def share(part: float | None) -> str:
    """0.934 -> 93 %; a dash when nothing could be counted."""
    return "—" if part is None else f"{part:.0%}"


def safe_link(url: str | None) -> str | None:
    """The address of a post if a browser may follow it: http(s) with a host; anything else is shown as text."""
    if not url or any(ord(letter) < 33 for letter in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None


# ------------------------------------------------------------------ text
@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `weight` is None outside a reason, else how it moved the score."""

    text: str
    weight: float | None = None


def pieces(text: str, spans: Iterable[tuple[int, int, float]]) -> list[Piece]:
    """The text cut at the spans of the reasons; where they overlap, the heavier one keeps its place."""
    chosen: list[tuple[int, int, float]] = []
    for start, end, weight in sorted(spans, key=lambda span: -abs(span[2])):
        inside = 0 <= start < end <= len(text)
        if inside and all(end <= other[0] or start >= other[1] for other in chosen):
            chosen.append((start, end, weight))
    cut, at = [], 0
    for start, end, weight in sorted(chosen):
        if start > at:
            cut.append(Piece(text[at:start]))
        cut.append(Piece(text[start:end], weight))
        at = end
    if at < len(text):
        cut.append(Piece(text[at:]))
    return cut


def facts_now(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Stored facts with every key of today, whichever version stored them."""
    return facts_json(facts_from(stored), spans=False)


def completeness(facts: Mapping[str, Any]) -> tuple[int, int]:
    """How many of the six facts of a case are known: (known, of)."""
    missing = set(facts.get("missing") or ()) & set(FACTS)
    return len(FACTS) - len(missing), len(FACTS)


def running(clocks: Iterable[Mapping[str, Any]], now: datetime) -> list[Mapping[str, Any]]:
    """The clocks that have begun and are not done, soonest due first."""
    begun = (one for one in clocks if one["done_at"] is None and one["started_at"] <= now)
    return sorted(begun, key=lambda one: one["due_at"])


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person wrote into the form of an act that was not recorded: the page shows it again, nothing is lost."""

    act: str = ""
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def text(self, act: str, name: str, known: Any = "") -> Any:
        """The field as it was written; `known` where this act's form was not the one sent."""
        given = self.fields.get(name) if act == self.act else None
        return given[0] if given else known

    def has(self, act: str, name: str, value: Any, known: bool = False) -> bool:
        """Whether the value was chosen; `known` where this act's form was not the one sent."""
        return str(value) in self.fields.get(name, ()) if act and act == self.act else known


NOTHING_WRITTEN = Draft()
FILTERS: Mapping[str, Callable[..., Any]] = {
    "face": face,
    "iso": iso,
    "day": day,
    "clock": clock,
    "moment": moment,
    "left": left,
    "plain": plain,
    "bare": bare,
    "wan": wan,
    "share": share,
    "safe_link": safe_link,
    "facts_now": facts_now,
}
