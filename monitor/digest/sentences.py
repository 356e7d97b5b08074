"""The sentences of a digest, the same in mail and document. Knows which sentence fits which day; the words are data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.digest.told import Told
from monitor.digest.words import money, words


@dataclass(frozen=True, slots=True)
class Sentences:
    overview: Sequence[str]
    opened: Sequence[str]
    overdue: Sequence[str]
    closed: Sequence[str]
    coverage: Sequence[str]
    tomorrow: Sequence[str]


def sentences(told: Told, catalogue: Mapping[str, Mapping[str, str]]) -> Sentences:
    """What a digest says of each part; "no incident" is only said where coverage was good."""
    say, figures = catalogue["sentences"], told.figures
    levels = figures.opened_by_level
    overview = [
        say["overview"].format(
            posts=figures.reading["posts"], opened=len(figures.opened), in_hand=len(figures.in_hand),
            waiting=figures.reading["waiting"], **levels,
        ),
        say["owed"].format(
            yuan=money(figures.owed["yuan"]), workers=figures.owed["workers"], unknown=figures.owed["unknown"]
        ),
        say["unverified"],
    ]  # fmt: skip
    blind = "none_opened" if told.coverage["good"] else "none_opened_blind"
    return Sentences(
        overview=overview,
        opened=[] if figures.opened else [say[blind]],
        overdue=_overdue(told, say),
        closed=[_closed(told, say)],
        coverage=_coverage(told, say),
        tomorrow=_tomorrow(told, say),
    )


def _overdue(told: Told, say: Mapping[str, str]) -> list[str]:
    late = say["overdue"].format(count=len(told.overdue)) if told.overdue else say["none_overdue"]
    return [late, say["due_next"].format(count=len(told.due_next))]


def _closed(told: Told, say: Mapping[str, str]) -> str:
    closed = told.figures.closed
    if not closed["ids"]:
        return say["none_closed"]
    days = closed["days_to_payment"]
    return say["closed"].format(
        count=len(closed["ids"]),
        yuan=money(closed["paid_yuan"]),
        workers=closed["paid_workers"],
        days="—" if days is None else f"{days:.1f}",
    )


def _coverage(told: Told, say: Mapping[str, str]) -> list[str]:
    seen = told.coverage
    share = seen["share"] or words()["unknown"]
    if seen["good"]:
        return [say["coverage_good"].format(feeds=seen["feeds"], share=share)]
    return [say["coverage_bad"].format(feeds=seen["feeds"], share=share)] + [
        f"{name}：{why}" for name, why in seen["blind"].items()
    ]


def _tomorrow(told: Told, say: Mapping[str, str]) -> list[str]:
    lines = []
    if told.figures.days_to_eve is not None:
        lines.append(say["eve"].format(days=told.figures.days_to_eve))
    if told.undelivered:
        lines.append(say["undelivered"].format(count=told.undelivered))
    return lines or [words()["none"]]
