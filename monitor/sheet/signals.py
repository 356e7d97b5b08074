"""A row of a list of arrears: a firm that owes for water, power, gas, rent, loans, taxes or insurance, or stands still.

What a row says no more of than the firm's name is a signal too: it stands in the list. Sums of the list and rows that
say 0 are none. Columns about people (法定代表人, 联系人) are never read.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from monitor.backing import Line, Sign, Signal
from monitor.sheet import cells
from monitor.sheet.cells import words
from monitor.sheet.rows import Row

COLUMNS = ("debtor", "months", "arrears", "since")  # the first is needed


def line(kind: str, row: Row, today: date) -> Line | None:
    """One firm's arrears; None for a sum or note of the list, or where nothing is owed any more."""
    firm = " ".join((row.name("debtor") or "").split())  # a cell broken into lines is one name
    if _aside(firm):
        return None
    if not firm:
        row.wrong("debtor", "debtor")
    months, yuan, since = row.read("months", cells.months), row.yuan("arrears"), row.read("since", cells.month)
    if since and since > today:
        row.wrong("since", "later", value=row.get("since"))
    if kind != Sign.IDLE and (months == 0 or yuan == 0) and not (months or yuan):
        return None  # work that has stood still for no whole month yet does stand still
    signal = Signal(months=months or None, yuan=yuan or None, since=since)
    return Line(firm=firm or None, signal=signal, file=row.file, row=row.number)


def _aside(written: str) -> bool:
    """Whether it is no firm but a sum of the list (合　计：, 合计（3户）) or a note under it (制表人：…)."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", written))
    label, colon, _ = plain.partition(":")
    if colon and label in words()["notes"]:
        return True
    return bool(re.fullmatch(rf"(?:{'|'.join(words()['sums'])})(?:\(.*\)|共?\d+[户家个]?|[:：])*", plain))
