"""How the sums of one text hang together: a total and its parts, what is left of one, what a rate times a count is.

Knows arithmetic only; what is said of a sum, and which one is owed, is weighed in amounts.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.facts.numerals import Quantity

_GONE = {"was paid", "paid only", "deducted", "cost"}


@dataclass(frozen=True, slots=True)
class Amount:
    """`kind`: wage, deposit, project (工程款, 货款...), each (a head), or open (nothing said)."""

    yuan: float
    start: int
    end: int
    kind: str
    weight: float
    total: bool = False
    vague: bool = False  # 四十多万
    still: bool = False  # what is left of it: 还欠, 剩下
    paid: bool = False  # 已付, 只给了
    signs: frozenset[str] = frozenset()


def sum_of_others(at: int, amounts: list[Amount]) -> bool:
    """Whether it is what two or more sums right before it come to."""
    total, so_far = amounts[at], 0.0
    for count, part in enumerate(reversed(amounts[max(0, at - 8) : at]), 1):
        so_far += part.yuan
        if count > 1 and abs(so_far - total.yuan) < 1:
            return True
    return False


def worked_out(amounts: list[Amount], found: Sequence[Quantity]) -> set[int]:
    """Which sums others come to: 39 days at 180 are the 7020 it names, 8400 less 2000 and 840 more the 7240."""
    values = {q.value for q in found if q.value >= 2}
    if len(values) > 24 or len(values) < 2:
        return set()
    sums = {a.yuan for a in amounts[:9]}
    counts = [value for value in values if 2 <= value <= 400]
    reached = set()
    for at, amount in enumerate(amounts[:9]):
        others = sums - {amount.yuan}
        whole = {amount.yuan, *(amount.yuan + c for c in others)}
        whole |= {amount.yuan + c + d for c in others for d in others if c < d}
        if amount.yuan >= 200 and not amount.vague and any(_comes_to(t, counts, values, others) for t in whole):
            reached.add(at)
    return reached


def _comes_to(total: float, counts: list[float], values: set[float], sums: set[float]) -> bool:
    """Whether `total` is a rate of at least 20 times a count, or one of two sums added up."""
    if any(total / count in values and total / count >= 20 for count in counts):
        return True
    return any(total - one in sums and total != 2 * one for one in sums)


def left_over(amounts: list[Amount]) -> tuple[set[int], set[int]]:
    """Which sums remain of one after another (18000 的工资只给了 5000, 剩下 13000), and which are so reduced."""
    over, reduced = set(), set()
    few, paid = amounts[:12], any(a.paid for a in amounts)
    for at, a in enumerate(amounts):
        gone = (a.paid or a.signs & _GONE) and "left" not in a.signs
        if gone or not (a.still or paid or "debt before" in a.signs):
            continue
        for whole, b in enumerate(few):
            if b.yuan > a.yuan and whole != at and any(abs(b.yuan - c.yuan - a.yuan) < 1 for c in few if c is not a):
                over.add(at)
                if whole < at:
                    reduced.add(whole)
    return over, reduced - over
