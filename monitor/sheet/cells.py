"""The first sheet of an .xlsx as rows of text; texts as yes or no, money, days, months. Knows no list in particular.

An empty cell, or one that says it is not known, is None and never a no. What cannot be read raises Unreadable with the
key of its sentence, so that whoever reads a row can tell every fault of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from monitor.errors import ConfigError, Fault
from monitor.names import money
from monitor.sheet import book
from monitor.sheet.book import Unopenable

MOST_BYTES, MOST_ROWS = 5_000_000, 20_000
MOST_YUAN = 1_000_000_000  # a deposit of more is a mistake in the unit
MOST_MONTHS = 240  # unpaid: more is a mistake
EXACT = 10**15  # a sheet keeps fifteen digits of a number
FOREVER = date(9999, 12, 31)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what a sheet cannot hold
_MONEY = re.compile(r"(\d+(?:\.\d+)?)(亿|万)?元?(?:整)?")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0?0:00(?::00(?:\.0+)?)?)?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:月(?:份)?)?")
_MONTHS = re.compile(r"(?:(\d{1,4})(?:\.0)?|(十[一二]?|[一二两三四五六七八九]))(个月|个|月|期|年)?")
_NUMERALS = {"两": 2, "十": 10, "十一": 11, "十二": 12, **{one: at for at, one in enumerate("一二三四五六七八九", 1)}}
_UNITS = {"亿": 100_000_000, "千万": 10_000_000, "百万": 1_000_000, "万": 10_000, "千": 1_000}
_UNIT = re.compile(  # 金额（万元）, 金额（单位：万元）, 金额（含利息，人民币万元）, 金额/万元, 金额万元
    r"\((?:[^()]*[,:、;])?(?:单位|人民币)*(亿|千万|百万|万|千)元?\)|(亿|千万|百万|万|千)元$|(?<=/)万$"
)
_ASIDE = re.compile(r"\([^)]*\)|[*:]|/?(?:亿|千万|百万|万|千)?元$")  # of a heading


class Unreadable(Exception):
    """A cell that does not hold what its column asks for. `key`: of the sentence that says so."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values

    def __str__(self) -> str:
        return fault(self.key, **self.values)


@cache
def words() -> Mapping[str, Any]:
    """sheet.yaml, read once."""
    loaded: Mapping[str, Any] = yaml.safe_load((files("monitor.sheet") / "sheet.yaml").read_text(encoding="utf-8"))
    return loaded


def fault(key: str, **values: Any) -> str:
    """The sentence of a fault."""
    return str(words()["faults"][key]).format(**values)


def place(file: str, number: int, column: str) -> str:
    """`保证金.xlsx: 第3行 金额`: where a fault stands."""
    return str(words()["at"]).format(file=file, row=words()["row"].format(number=number), column=column).strip()


def lines(body: bytes, name: str, most: int = MOST_ROWS) -> Iterator[Sequence[Any]]:
    """The rows of the first sheet, its head first; ConfigError for what is no sheet or too large a one."""
    if len(body) > MOST_BYTES:
        raise ConfigError([Fault(name, fault("large"))])
    try:
        for number, row in enumerate(book.rows(body, most + 1), 1):
            if number > most:
                raise ConfigError([Fault(name, fault("long", most=most))])
            yield row
    except Unopenable as problem:
        raise ConfigError([Fault(name, fault(problem.key), fault(f"{problem.key}_remedy"))]) from problem


def text(cell: Any) -> str:
    """A cell as a person reads it; 3.0 of a sheet is 3. A number too long for a sheet has lost its last digits."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        cell = f"{cell:E}" if abs(cell) >= EXACT else int(cell) if float(cell).is_integer() else cell
    return storable("" if cell is None else str(cell)).strip()


def storable(written: str) -> str:
    """Without what neither a sheet nor a database holds."""
    return _CONTROL.sub("", written)


def heading(cell: Any) -> tuple[str, int]:
    """A heading without blanks and brackets, and what its unit multiplies by: 金额（万元） -> 金额, 10000."""
    plain = re.sub(r"[\s\ufeff\u200b]", "", unicodedata.normalize("NFKC", text(cell)))
    found = _UNIT.search(plain)
    return _ASIDE.sub("", plain), _UNITS[found[1] or found[2] or "万"] if found else 1


# ------------------------------------------------------------------ values
def _plain(written: str) -> str:
    """One spelling of a value; empty where it says that it is not known."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", written))
    return "" if written.strip() in words()["unsaid"] or plain in words()["unsaid"] else plain


def one_of(table: str, written: str) -> str | None:
    """The id in a table of words (`forms`, `accounts`) that a cell names; None for an empty one."""
    plain = _plain(written).lower()
    if not plain:
        return None
    for id_, said in words()[table].items():
        if plain == id_ or plain in said:
            return str(id_)
    raise Unreadable(table.removesuffix("s"), value=written)


def yes_no(written: str) -> bool | None:
    """是 or 否; None for an empty cell."""
    plain = _plain(written).lower()
    if not plain:
        return None
    for answer, said in ((True, words()["yes"]), (False, words()["no"])):
        if plain in said:
            return answer
    raise Unreadable("yes_no", value=written)


def yuan(written: str, unit: int = 1) -> float | None:
    """Money in yuan: 800,000 元, 80万元, or a bare number in the unit of its heading."""
    plain = _plain(written).replace(",", "").lstrip("¥￥")
    if not plain:
        return None
    found = _MONEY.fullmatch(plain)
    if found is None:
        raise Unreadable("yuan", value=written)
    own = "元" in plain or found[2]
    amount = float(found[1]) * (_UNITS.get(found[2] or "", 1) if own else unit)
    if amount > MOST_YUAN:
        raise Unreadable("too_much", value=written, yuan=money(amount))
    return amount


def day(written: str) -> date | None:
    """2027-01-31, 2027年1月31日, 2027.1.31, 20270131, 长期; a cell of a date."""
    plain = unicodedata.normalize("NFKC", written).strip() if _plain(written) else ""
    if not plain:
        return None
    if _plain(written) in words()["forever"]:
        return FOREVER
    found = _DAY.fullmatch(plain) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain)
    try:
        return date(*(int(part) for part in found.groups())) if found else _none("day", written)
    except ValueError:
        return _none("day", written)


def month(written: str) -> date | None:
    """The first day of a month: 2026-09, 2026年9月, 202609, or any day of it."""
    plain = unicodedata.normalize("NFKC", written).strip() if _plain(written) else ""
    if not plain:
        return None
    found = _MONTH.fullmatch(plain) or re.fullmatch(r"(\d{4})(\d{2})", plain)
    if found is None:
        try:
            exact = day(written)
        except Unreadable:
            exact = None
        return exact.replace(day=1) if exact and exact != FOREVER else _none("month", written)
    try:
        return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        return _none("month", written)


def months(written: str) -> int | None:
    """How many months: 3, 3个月, 三个月, 2年; None for an empty cell."""
    plain = _plain(written)
    if not plain:
        return None
    found = _MONTHS.fullmatch(plain)
    if found is None:
        raise Unreadable("months", value=written)
    number = int(found[1]) if found[1] else _NUMERALS[found[2]]
    number *= 12 if found[3] == "年" else 1
    if number > MOST_MONTHS:
        raise Unreadable("months", value=written)
    return number


def tail(written: str) -> str | None:
    """The last four digits of an account; of a whole number nothing else is kept."""
    plain = re.sub(r"[-*xX]", "", _plain(written))
    if not plain:
        return None
    if not plain.isdecimal() or not plain.isascii() or len(plain) < 4:
        raise Unreadable("tail", value=written[-4:])
    return plain[-4:]


def _none(key: str, written: str) -> date:
    raise Unreadable(key, value=written)


def write_day(value: date | None) -> str:
    """A day as a cell holds it."""
    if value is None:
        return ""
    return str(words()["forever"][0]) if value == FOREVER else value.isoformat()
