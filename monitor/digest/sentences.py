"""The sentences of a digest, the same in mail and document. Knows which sentence fits which day; the words are data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from monitor.digest import recapture
from monitor.digest.study import BurnDown, Debtor
from monitor.digest.told import LISTED, Told
from monitor.digest.words import day_text, duration, money, words
from monitor.funds import hinting
from monitor.funds.signals import Hints
from monitor.funds.wording import summary
from monitor.text import aware, face

Catalogue = Mapping[str, Mapping[str, Any]]
NAMED = 5  # debtors, feeds or cases that one sentence names


def sentences(told: Told, catalogue: Catalogue) -> dict[str, list[str]]:
    """`{section: lines}` in the order of a digest; "no incident" is only said where coverage was good.

    A single day has no `study` section; the others are always there, with a line that says so where there is nothing.
    """
    say = catalogue["sentences"]
    parts = {
        "overview": _overview(told, say),
        "opened": _opened(told, say),
        "overdue": _overdue(told, say),
        "closed": [_closed(told, say), *_look_backs(told, say)],
        "aside": _aside(told, say),
        "coverage": _coverage(told, say),
        "study": _study(told, say) if told.figures.days > 1 else [],
        "burn": _burn(told, catalogue),
        "tomorrow": _tomorrow(told, say),
    }
    return {name: lines for name, lines in parts.items() if name != "study" or lines}


def headings(parts: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """一、总体情况, 二、…: numbered in the order of the parts that this digest has."""
    return {part: f"{numeral}、{names[part]}" for numeral, part in zip(words()["numerals"], parts, strict=False)}


def _overview(told: Told, say: Mapping[str, str]) -> list[str]:
    figures = told.figures
    line = say["overview"].format(
        posts=figures.reading["posts"], opened=len(figures.opened), in_hand=len(figures.in_hand),
        waiting=figures.reading["waiting"], now=face(figures.now), **figures.opened_by_level,
    )  # fmt: skip
    owed = figures.owed
    money_line = say["owed"].format(yuan=money(owed["yuan"]), workers=owed["workers"], unknown=owed["unknown"])
    return [line, money_line, *_above(told, say), say["unverified"]]


def _above(told: Told, say: Mapping[str, str]) -> list[str]:
    """Where more cases came than usual: a hint to look, at most `NAMED` of them."""
    if not told.above:
        return []
    found = "；".join(say["above_one"].format(**one) for one in told.above[:NAMED])
    return [say["above"].format(found=found, count=len(told.above))]


def _opened(told: Told, say: Mapping[str, str]) -> list[str]:
    count, shown = len(told.figures.opened), len(told.opened)
    if not count:
        return [say["none_opened" if told.coverage["good"] else "none_opened_blind"]]
    return [say["opened_more"].format(count=count, shown=shown)] if count > shown else []


def _overdue(told: Told, say: Mapping[str, str]) -> list[str]:
    figures = told.figures
    items = sum(count for _, count, _, _ in figures.late_by_lead)
    due = {row["id"] for row in figures.due_next}
    late = say["overdue"].format(count=items, cases=len(figures.late)) if items else say["none_overdue"]
    more = [say["overdue_more"].format(shown=len(told.overdue))] if items > len(told.overdue) else []
    return [late, *more, say["due_next"].format(count=len(figures.due_next), cases=len(due))]


def _closed(told: Told, say: Mapping[str, str]) -> str:
    closed = told.figures.closed
    if not closed["ids"]:
        return say["none_closed"]
    days = closed["days_to_payment"]
    return say["closed"].format(
        count=len(closed["ids"]),
        yuan=money(closed["paid_yuan"]),
        workers=closed["paid_workers"],
        days="—" if days is None else duration(timedelta(days=days)),
    )


def _look_backs(told: Told, say: Mapping[str, str]) -> list[str]:
    due, late = told.look_backs, sum(row["late"] for row in told.figures.look_backs)
    more = [say["look_back_more"].format(shown=LISTED)] if len(due) > LISTED else []
    return [say["look_back"].format(count=len(due), late=late) if due else say["none_look_back"], *more]


def _aside(told: Told, say: Mapping[str, str]) -> list[str]:
    """Told even where there is none: silence about it would not be known from nothing."""
    count = len(told.aside)
    kept_back = say["aside"].format(count=count, mails=len(told.figures.aside)) if count else say["none_aside"]
    more = [say["aside_more"].format(shown=LISTED)] if count > LISTED else []
    quiet = say["silences"].format(count=len(told.silences)) if told.silences else say["none_silences"]
    return [kept_back, *more, quiet]


def _coverage(told: Told, say: Mapping[str, str]) -> list[str]:
    seen = told.coverage
    share = seen["share"] or words()["unknown"]
    if seen["good"]:
        return [say["coverage_good"].format(feeds=seen["feeds"], share=share)]
    unseen = [say["blind"].format(why=why, names=_names(names, say)) for why, names in seen["blind"].items()]
    return [say["coverage_bad"].format(feeds=seen["feeds"], share=share), *unseen]


def _names(names: Sequence[str], say: Mapping[str, str]) -> str:
    shown = "、".join(names[:NAMED])
    return shown if len(names) <= NAMED else say["names"].format(names=shown, count=len(names))


# ------------------------------------------------------------------ 研判
def _study(told: Told, say: Mapping[str, str]) -> list[str]:
    figures = told.figures
    lines = [
        say[key].format(counts=_shares(counts))
        for key, counts in (("study_town", told.by_town), ("study_sector", told.by_sector))
        if counts
    ]
    days = figures.closed["days_to_payment"]
    if days is not None:
        lines.append(say["study_days"].format(days=duration(timedelta(days=days))))
    named = [(k, d) for k, d in (("study_employer", figures.employers), ("study_project", figures.projects)) if d]
    lines += [say[key].format(counts=_debtors(found, say)) for key, found in named] or [say["study_none"]]
    repeat = figures.repeat
    again = say["repeat"].format(count=len(repeat), counts=_debtors(repeat, say)) if repeat else say["no_repeat"]
    behind = [say["funds"].format(line=line) for line in summary(figures.funds)] if figures.funds else []
    hints = _hints(told)
    ahead = [say["funds"].format(line=line) for line in hinting.summary(hints)] if hints else []
    return [*lines, again, *behind, *ahead, *(recapture.sentences(figures.missed) if figures.missed else ())]


def _hints(told: Told) -> Hints | None:
    """Firms that run short: a day tells of them when a list came in, a week and a month always."""
    figures, hints = told.figures, told.figures.hints
    if hints and figures.days == 1:
        return hints if hints.brought and figures.start <= aware(hints.brought) < figures.end else None
    return hints


def _shares(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return "、".join(f"{name}{count}" for name, count in ordered)


def _debtors(found: Sequence[Debtor], say: Mapping[str, str]) -> str:
    return "、".join(
        say["debtor"].format(name=one.name, cases=len(one.incidents), in_hand=one.in_hand) for one in found[:NAMED]
    )


def _burn(told: Told, catalogue: Catalogue) -> list[str]:
    say, burn = catalogue["sentences"], told.figures.burn
    standing = burn.in_hand[-1][1]
    if not standing:
        return [say["burn_none"]]
    stop = day_text(burn.stop) if burn.stop else ""
    needed = "—" if burn.needed is None else f"{burn.needed:.1f}"
    finish = day_text(burn.finish) if burn.finish else ""
    if burn.young:
        return [
            say["burn_young" if burn.stop else "burn_young_open"].format(count=standing, stop=stop, needed=needed),
            *_held(burn, say, catalogue),
        ]
    key = "burn_never" if burn.finish is None else "burn_finish" if burn.in_time else "burn_late"
    key = "burn_never_open" if burn.finish is None and burn.stop is None else key
    return [
        say["burn" if burn.pace >= 0 else "burn_up"].format(count=standing, pace=f"{abs(burn.pace):.1f}"),
        say[key].format(stop=stop, needed=needed, finish=finish),
        *_held(burn, say, catalogue),
    ]


def _held(burn: BurnDown, say: Mapping[str, str], catalogue: Catalogue) -> list[str]:
    """Why cases stand, as one sentence; none where nothing stands."""
    names = catalogue["blockers"]
    held = "；".join(
        say["burn_blocker"].format(why=names[why], count=len(ids), ids=_names(ids, say) if len(ids) <= NAMED else
                                   "、".join(ids[:NAMED]) + "…")
        for why, ids in burn.blockers.items()
    )  # fmt: skip
    return [say["burn_blockers"].format(counts=held)] if held else []


def _tomorrow(told: Told, say: Mapping[str, str]) -> list[str]:
    lines = []
    if told.figures.days_to_eve is not None:
        lines.append(say["eve"].format(days=told.figures.days_to_eve))
    if told.undelivered:
        lines.append(say["undelivered"].format(count=told.undelivered))
    return lines or [words()["none"]]
