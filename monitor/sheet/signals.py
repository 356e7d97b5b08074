"""A row of a list of arrears: a firm that owes for water, power, gas, rent, loans, taxes or insurance, or stands still.

What a row says no more of than the firm's name is a signal too: it stands in the list. Sums of the list and rows that
say 0 are none. Columns about people (法定代表人, 联系人) are never read.
"""

from __future__ import annotations

from datetime import date

from monitor.backing import Line, Signal
from monitor.sheet import cells
from monitor.sheet.cells import words
from monitor.sheet.rows import Row

COLUMNS = ("debtor", "months", "arrears", "since")  # the first is needed


def line(row: Row, today: date) -> Line | None:
    """One firm's arrears; None for a sum of the list, or where nothing is owed any more."""
    firm = row.name("debtor")
    if firm in words()["sums"]:
        return None
    if firm is None:
        row.wrong("debtor", "debtor")
    months, yuan, since = row.read("months", cells.months), row.yuan("arrears"), row.read("since", cells.month)
    if since and since > today:
        row.wrong("since", "later", value=row.get("since"))
    if (months == 0 or yuan == 0) and not (months or yuan):
        return None
    signal = Signal(months=months or None, yuan=yuan or None, since=since)
    return Line(firm=firm, signal=signal, file=row.file, row=row.number)
