"""People counted by being listed: 十一个老师两个保育员一个厨师; 齐大贵9200元、洪水生8750元.

Knows lists only; whether those listed are unpaid is weighed in headcount.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from monitor.facts.numerals import Quantity
from monitor.facts.surnames import SURNAME

_WORD = (
    r"工(?![资钱程作地期])|[员师手长匠妇丁妹姐娘嫂婆姨叔哥弟]|老师|教师|保安|保洁|司机|医生|护士|前台|财务|会计|出纳|店长|主管|经理|领班|学徒|徒弟|"
    r"助教|教练|文员|销售|客服|后厨|收银|传菜|洗碗|打荷|凉菜|面点|库管|质检|主播|运营|文案|美工|设计|杂工|工人|普工"
)
_HEADS = r"\s*[个名位](?!\s*[多半]?(?:月|星期|礼拜|小时|季度|学期|工作日|工日))"  # 23个工人3个月工资 lists no one
_KIND = re.compile(rf"{_HEADS}[\u4e00-\u9fa5]{{0,5}}?(?:{_WORD})\s*(?:[、,，和及]|以及|还有|外加|加上?)?\s*")
_LAST = re.compile(rf"{_HEADS}[\u4e00-\u9fa5]{{0,4}}?(?:{_WORD})")
_NAME = rf"{SURNAME}[\u4e00-\u9fa5]{{1,2}}"
_NEXT_NAME = re.compile(rf"元?\s?[、,，;；和及与\s]\s?(?:{_NAME})(?:的?工资|[:：为是])?")
_NAME_BEFORE = re.compile(rf"(?:^|[^\u4e00-\u9fa5]|[欠付为给])(?:{_NAME})(?:的?工资|[:：为是])?$")


def by_kind(text: str, found: Sequence[Quantity]) -> list[tuple[int, int, int]]:
    """(number, start, end) of each list of two or more kinds of people with how many of each, ones included."""
    lists = []
    for run in _runs(found, lambda one, other: bool(_KIND.fullmatch(text, one.end, other.start))):
        last = _LAST.match(text, run[-1].end)
        if last and all(0 < q.value < 1000 and q.value == int(q.value) for q in run):
            lists.append((int(sum(q.value for q in run)), run[0].start, last.end()))
    return lists


def by_name(text: str, found: Sequence[Quantity]) -> list[tuple[int, int, int]]:
    """(number, start, end) of each list of two or more persons with a sum for each."""
    return [
        (len(run), run[0].start, run[-1].end)
        for run in _runs(found, lambda one, other: bool(_NEXT_NAME.fullmatch(text, one.end, other.start)))
        if run[0].value >= 50 and _NAME_BEFORE.search(text, max(0, run[0].start - 8), run[0].start)
    ]


def next_name(between: str) -> bool:
    """Whether what stands between two sums is a joint and the name of the next person."""
    return bool(_NEXT_NAME.fullmatch(between))


def _runs(found: Sequence[Quantity], joined: Callable[[Quantity, Quantity], bool]) -> Iterator[list[Quantity]]:
    """The longest runs of two or more numbers of which each is `joined` to the next, at most 14 characters apart."""
    run: list[Quantity] = []
    for quantity in found:
        if run and quantity.start - run[-1].end <= 14 and joined(run[-1], quantity):
            run.append(quantity)
            continue
        if len(run) > 1:
            yield run
        run = [quantity]
    if len(run) > 1:
        yield run
