"""The facts of one debt from those of its posts. Pure; the ledger and the `cluster` filter merge alike."""

from __future__ import annotations

from typing import Any

from monitor.incidents.names import SPOKEN, parts
from monitor.model import Facts, Place


def merged(old: Facts, new: Facts) -> Facts:
    """The facts of an incident after one more post: the larger number, the fuller name, all traits; no spans."""
    return Facts(
        workers=_larger(old.workers, new.workers),
        amount_yuan=_larger(old.amount_yuan, new.amount_yuan),
        months=_larger(old.months, new.months),
        employer=_fuller(old.employer, new.employer),
        project=_fuller(old.project, new.project),
        place=_fuller_place(old.place, new.place),
        sector=new.sector if old.sector == "unknown" else old.sector,
        traits=tuple(dict.fromkeys((*old.traits, *new.traits))),
        signs=tuple(dict.fromkeys((*old.signs, *new.signs))),
        missing=tuple([key for key in old.missing if key in new.missing]),
        doubts=tuple(dict.fromkeys((*old.doubts, *new.doubts))),
    )


def _larger(one: Any, other: Any) -> Any:
    return other if one is None else one if other is None else max(one, other)


def _fuller(one: str | None, other: str | None) -> str | None:
    """The name first heard, unless the later one is it in full; a list of names would turn the star into a chain."""
    if not one or not other:
        return one or other
    spoken = SPOKEN.match(other)  # 网传甲木建工 says no more than 甲木建工
    return other if one in other and len(parts(other)) == 1 and not spoken else one


def _fuller_place(one: Place | None, other: Place | None) -> Place | None:
    if one is None or other is None:
        return one or other
    if one.by_feed != other.by_feed:
        return other if one.by_feed else one
    return other if (other.town and not one.town) or (other.code and not one.code) else one
