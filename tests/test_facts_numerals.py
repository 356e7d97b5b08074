"""Numbers as people write them, against what they are worth."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.facts.numerals import flat, numbers

WORTH = {
    "32万6": 326_000, "三千多块": 3000, "1.2w": 12_000, "两万元整": 20_000, "六十余万": 600_000, "24万多": 240_000,
    "四十几万": 400_000,
    "13万5": 135_000, "七百二没给": 720, "一百二一天": 120, "两万六": 26_000, "118.4万元": 1_184_000,
    "1,234.56元": 1234.56, "20-30人": 20, "十多名": 10, "三四个月": 3, "8、9个月": 8, "8或9个月": 8, "二三十人": 20,
    "十七八个": 17, "3万2千": 32_000, "两万三千五": 23_500, "6千5百": 6500, "三万零五百": 30_500, "2.3亿": 230_000_000,
    "近两千万": 20_000_000, "一百零五": 105,
    "3k": 3000, "一两万": 10_000, "1万5000": 15_000, "二十万零五千": 205_000,
    "6万8一年半": 68_000, "5万8千余元": 58_000, "叁万伍仟元": 35_000, "三点五万": 35_000,
    "1w2": 12_000, "18万一直未付": 180_000,
    "1万零500": 10_500, "3万零8百": 30_800, "两万一直没给": 20_000, "七八千一直": 7000, "八千到一万": 8000,
    "七到八千": 7000, "万把块": 10_000, "近万元": 10_000, "上万元": 10_000, "百十号人": 100, "1.2个w": 12_000,
    "二十六万四人工工资": 264_000, "总数二十一万": 210_000, "一百六十多号人": 160, "20万8个人": 200_000, "百余名": 100,
}  # fmt: skip


@pytest.mark.parametrize(("written", "worth"), WORTH.items())
def test_worth(written: str, worth: float) -> None:
    assert numbers(written)[0].value == worth


@pytest.mark.parametrize("written", ["几十万", "数千人", "好几个", "没有", ""])
def test_nobody_can_say(written: str) -> None:
    assert numbers(written) == []


@given(st.integers(1, 99_999_999))
def test_digits_are_worth_what_they_say(value: int) -> None:
    assert numbers(f"欠{value}元")[0].value == value
    assert numbers(f"欠{value:,}元")[0].value == value


@given(st.integers(1, 9), st.integers(1, 9))
def test_what_follows_ten_thousand_counts_in_thousands(whole: int, rest: int) -> None:
    digits = "零一二三四五六七八九"
    worth = whole * 10_000 + rest * 1000
    assert numbers(f"{whole}万{rest}")[0].value == worth
    assert numbers(f"{digits[whole]}万{digits[rest]}没给")[0].value == worth


@given(st.text())
def test_any_text_is_read_with_its_offsets(text: str) -> None:
    assert len(flat(text)) == len(text)
    found = numbers(flat(text))
    assert all(0 <= q.start < q.end <= len(text) for q in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
