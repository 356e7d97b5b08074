"""How signals of hidden dangers to pay are told: plain values for a page, lines for a mail, a paper and a digest.

Knows sentences.yaml, under `signals`; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor.backing import Sign, Signal, Visit
from monitor.funds.signals import Hint, Hints, Named, OfCase, Seen
from monitor.funds.wording import Told, month, words
from monitor.names import money
from monitor.text import SHANGHAI, aware

MOST_NAMED = 5  # firms of a digest's sentence


def told(found: OfCase) -> Told:
    """The block of a case: firms with their signals, what no list says, and what to do where several stand together."""
    say = words()["signals"]
    return {
        "lines": [_line(firm, seen) for firm in found.firms for seen in firm.seen],
        "ambiguous": [_ambiguous(firm) for firm in found.firms if firm.others],
        "pressing": say["together"] if found.pressing else "",
        "article": words()["articles"]["TL38(2)"],
        "unknown": _unknown(found),
        "note": say["note"],
    }


def lines(block: Mapping[str, Any], *, brief: bool = False) -> list[str]:
    """The block as lines of a letter; nothing where no list names a firm of the case. `brief`: without sources."""
    if not block["lines"]:
        return []
    say = words()
    about = [say["one"].format(text=one["text"], about=one["source"]) for one in block["lines"]]
    found = [one["text"] for one in block["lines"]] if brief else about
    if block["pressing"]:
        found.append(block["pressing"])
    return [*found, say["one"].format(text=block["note"], about=block["article"])]


def summary(found: Hints, most: int = MOST_NAMED) -> list[str]:
    """A county's signals in a few sentences: how many firms, how many press, and which of them nobody has posted of."""
    say = words()["signals"]
    if not found.loaded:
        return [say["no_list"]]
    pressing, fresh = [one for one in found.hints if one.pressing], [one for one in found.hints if one.fresh]
    first = say["summary"].format(
        lists=_joined(say["short"][sign.value] for sign in found.loaded), firms=len(found.hints),
        pressing=len(pressing), ahead=len(found.ahead),
    )  # fmt: skip
    told_ = [first + (f"，{say['fresh'].format(count=len(fresh))}" if fresh else "")]
    if found.ahead:
        shown = _joined(say["ahead_one"].format(name=one.name, signs=_joined(signs(one))) for one in found.ahead[:most])
        told_.append(say["ahead"].format(firms=shown + (say["more"] if len(found.ahead) > most else "")))
    return told_ + [
        say["stale_list"].format(list=words()["lists"][sign.value], day=day, days=days)
        for sign, day, days in found.stale
    ]


def rows(found: Hints) -> list[tuple[Any, ...]]:
    """Firms with signals as rows of a sheet, those to look into first."""
    return [
        (one.name, _joined(signs(one)), one.yuan or None, _joined(one.projects), len(one.ids),
         visited(one.visited) if one.visited else "",
         _joined(dict.fromkeys(f"{seen.source} {seen.as_of}" for seen in one.seen)))
        for one in found.hints
    ]  # fmt: skip


def signs(one: Hint) -> list[str]:
    """欠电费3个月、4.2万元（新列入）: what each list says of a firm."""
    return [what(seen.sign, seen.signal) for seen in one.seen]


def visited(visit: Visit) -> str:
    """2026-11-26 核查时工资按时发放：看了十月工资表（zhou）."""
    say = words()["signals"]
    day = aware(visit.at).astimezone(SHANGHAI).date()
    return str(say["visited"]).format(day=day, found=say["visits"][visit.found.value], note=visit.note, by=visit.by)


def what(sign: Sign, signal: Signal) -> str:
    """欠电费3个月4.2万元，自2026年8月起（新列入）: what a list says, and no more."""
    say = words()["signals"]
    months = say["months"].format(months=signal.months) if signal.months else ""
    sum_ = money(signal.yuan) if signal.yuan else ""
    since = "，" + say["since"].format(since=month(signal.since)) if signal.since else ""
    trend = f"（{say['trends'][signal.trend.value]}）" if signal.trend else ""
    return f"{say['signs'][sign.value]}{months}{sum_}{since}{trend}"


def _line(firm: Named, seen: Seen) -> dict[str, Any]:
    say = words()["signals"]
    also = say["also"].format(name=seen.name) if seen.name != firm.name else ""
    source = words()["source"].format(list=seen.source, day=seen.as_of)
    if seen.stale:
        source += f"，{say['stale'].format(days=seen.stale)}"
    return {
        "text": say["one"].format(
            firm=firm.name, part=say["parts"][firm.part], also=also, what=what(seen.sign, seen.signal)
        ),
        "source": source,
        "list": seen.source,
        "day": str(seen.as_of),
        "stale": seen.stale,
    }  # fmt: skip


def _ambiguous(firm: Named) -> str:
    say = words()["signals"]
    return str(say["ambiguous"]).format(firm=firm.name, part=say["parts"][firm.part], others=_joined(firm.others))


def _unknown(found: OfCase) -> list[str]:
    """What no list says; nothing of lists that are loaded where the case names no firm to look for."""
    say = words()["signals"]
    missing = [say["missing"].format(lists=_lists(found.missing))] if found.missing else []
    if not found.firms:
        return [say["unnamed"], *missing]
    return [*([say["silent"].format(lists=_lists(found.silent))] if found.silent else []), *missing]


def _lists(signs_: Sequence[Sign]) -> str:
    return _joined(words()["lists"][sign.value] for sign in signs_)


def _joined(parts: Iterable[str]) -> str:
    return str(words()["signals"]["joined"]).join(parts)
