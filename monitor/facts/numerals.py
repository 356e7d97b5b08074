"""Numbers as people write them: 32万6, 三千多, 1.2w, 四十几万, 八九. Knows what a number is worth, not what it counts.

Offsets are into the text given; `flat` changes characters one for one, so its offsets are those of the original.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "俩": 2, "仨": 3, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
BIG = {"万": 10_000, "萬": 10_000, "w": 10_000, "W": 10_000, "亿": 100_000_000}
UNIT = SMALL | BIG | {"k": 1000, "K": 1000}
ABOUT = frozenset("多余来几")
_BOUND_TO_OTHERS = frozenset("年月日天号个名人位点时岁次.%％")  # a digit before one of these counts something else

_ONE_OF_WORD = frozenset("直再般定样起些时向律旦共概切半")  # what makes a word of 一

_KEEP = {ord(c) for c in "，。！？；：（）／"}  # punctuation stays Chinese: it separates clauses
_LONE = dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)  # half a character: no automaton takes it
_FLAT = _LONE | {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if code not in _KEEP} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` of the number standing at `start`..`end`; `vague`: 多, 余, 几, or a range (its lower end is taken)."""

    value: float
    start: int
    end: int
    vague: bool = False


def flat(text: str) -> str:
    """Full-width letters and digits as ordinary ones, character for character."""
    return text.translate(_FLAT)


_DIGITS_OR = r"\d+|[零〇一二两俩仨三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟半]+|[数几](?=[十百千万])[十百千万]+"
_START = re.compile(_DIGITS_OR)
_START_OR_ABOUT = re.compile(rf"{_DIGITS_OR}|(?<=[上近约])(?<!千上)万(?![一分般])|万(?=把[块元来钱人斤]|[余多][元块])")
_ABOUT = ("上万", "近万", "约万", "万把", "万余", "万多")  # 上万元, 万把块: no digit before
_ABOUT_ONE = re.compile(r"[百千万]把(?=[块元来钱人斤])|百十(?=[号来个多人])")  # 万把块, 百十号人
_ARABIC = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d{1,3} \d{3}(?:\.\d+)?(?=元)|\d+(?:\.\d+)?")
_ZERO = re.compile(r"零(\d{1,3}|[一二三四五六七八九])(百|十)?(?![\d年月日号])")  # 1万零500, 3万零8百
_FOUR, _ONE = re.compile(r"\d{4}(?:\.\d+)?(?![\d年])"), re.compile(r"(\d|[一二三四五六七八九])(百)?")
_UPPER = re.compile(r"\s?[-—~～至到、或]{1,2}\s?(\d+(?:\.\d+)?)(?![\d年月日号./-])")
_TO = re.compile(r"[到至~～—-](?=[一二两三四五六七八九十])[一二两三四五六七八九十]")
_POSITIONAL = re.compile(r"[零〇一二三四五六七八九]{3,}")
_WORD_UNIT = re.compile(
    r"\s?(?:(千万|百万|十万|万|萬|亿)|个?([wWkK])(?![A-Za-z])|([千百])(?=[\d多余来几元块一二三四五六七八九]|$|[^\w]))"
)
_THOUSANDS = re.compile(r"(\d|[一二两三四五六七八九])[千仟](?:(\d|[一二三四五六七八九])百?(?![\d万千年月]))?")


def numbers(text: str) -> list[Quantity]:
    """Every number with a value in `text`, left to right, not overlapping. Linear in the length of the text."""
    found, position = [], 0
    starts = _START_OR_ABOUT if any(word in text for word in _ABOUT) else _START
    while start := starts.search(text, position):
        quantity = _number_at(text, start)
        position = max(quantity.end if quantity else start.end(), start.start() + 1)
        if quantity:
            found.append(quantity)
    return found


def _number_at(text: str, start: re.Match[str]) -> Quantity | None:
    position = start.start()
    if text[position].isdigit() and text[position].isascii():
        return _arabic(text, position)
    if text[position] in "数几":
        return None  # 几十, 数千: nobody can say
    if about := _ABOUT_ONE.match(text, position):
        return Quantity(UNIT[text[position]], position, about.end(), True)
    if text[position] == "万":  # 上万元, 万余元
        return Quantity(10_000.0, position, position + 1 + (text[position + 1 : position + 2] in ABOUT), True)
    return _ranged(text, _chinese(text, position))


def _ranged(text: str, lower: Quantity | None) -> Quantity | None:
    """八千到一万: the lower end, over the length of both."""
    link = _TO.match(text, lower.end) if lower and lower.value >= 2 else None
    upper = _chinese(text, link.end() - 1) if link else None
    if lower is None or upper is None or text[upper.end : upper.end + 1] in tuple("月年日号点期楼"):
        return lower
    value = lower.value
    if value < 10 and upper.value >= 1000 and upper.value // 10 ** (len(str(int(upper.value))) - 1) > value:
        value *= 10 ** (len(str(int(upper.value))) - 1)  # 七到八千
    return Quantity(value, lower.start, upper.end, True) if value < upper.value < 20 * value else lower


# ------------------------------------------------------------------ 32万6, 1.2w, 20-30
def _arabic(text: str, position: int) -> Quantity | None:
    found = _ARABIC.match(text, position)
    if found is None or len(found[0]) > 15:
        return None
    value, end, vague = float(found[0].replace(",", "").replace(" ", "")), found.end(), False
    if (upper := _UPPER.match(text, end)) and _is_range(value, float(upper[1]), upper[0]):
        end, vague = upper.end(), True
    if end < len(text) and text[end] in ABOUT:
        vague, end = True, end + 1
    if unit := _WORD_UNIT.match(text, end):
        factor = _factor(unit[1] or unit[2] or unit[3])
        rest, end = _after_unit(text, unit.end(), factor)
        value = value * factor + rest
        if end < len(text) and text[end] in ABOUT:
            vague, end = True, end + 1
    return Quantity(round(value, 2), position, end, vague)


def _is_range(lower: float, upper: float, written: str) -> bool:
    return lower < upper and (not ("、" in written or "或" in written) or (upper == lower + 1 and lower < 10))


def _factor(unit: str) -> float:
    factor = 1.0
    for char in unit:
        factor *= UNIT[char]
    return factor


def _after_unit(text: str, position: int, factor: float) -> tuple[float, int]:
    """What follows 万 or 千 and belongs to it: 6 -> 6000 in 32万6, 8千 in 5万8千, 5000 in 1万5000."""
    if factor >= 10_000 and (found := _THOUSANDS.match(text, position)):
        value = _digit(found[1]) * 1000 + (_digit(found[2]) * 100 if found[2] else 0)
        return value * factor / 10_000, found.end()
    if factor == 10_000 and (rest := _ZERO.match(text, position)):
        low = float(rest[1]) if rest[1].isascii() else float(DIGITS[rest[1]])
        return low * SMALL.get(rest[2] or "", 1), rest.end()
    if factor == 10_000 and (four := _FOUR.match(text, position)):
        return float(four[0]), four.end()
    if 1000 <= factor <= 10_000 and (one := _ONE.match(text, position)):
        after = text[one.end() : one.end() + 1]
        if one[1] == "一" and after and after not in "块元没未的，。,;；!！":
            return 0.0, position  # 18万一直 is no 181000
        if not (after and (after.isdigit() or after in UNIT or after in DIGITS or after in _BOUND_TO_OTHERS)):
            return _digit(one[1]) * (100 if one[2] else factor / 10), one.end()
        if one[1].isascii() and after in DIGITS and not after.isdigit():
            return _digit(one[1]) * factor / 10, one.start() + 1  # 6万8一年半
    return 0.0, position


def _digit(char: str) -> float:
    return float(char) if char.isascii() else float(DIGITS[char])


# ------------------------------------------------------------------ 三千多, 四十几万, 两万三
class _Sum:
    """What a Chinese numeral is worth so far: closed 万 sections, the open one, the digit that waits."""

    __slots__ = ("digit", "last", "section", "total", "zero")

    def __init__(self) -> None:
        self.total, self.section, self.digit, self.last, self.zero = 0.0, 0.0, None, 0.0, False  # type: float, float, float | None, float, bool

    def place(self, unit: float) -> bool:
        """Takes 十, 百, 千, 万, 亿; False where that would not be a numeral."""
        if unit < 10_000:
            if self.digit is None and (self.section or self.total) and unit != 10:
                return False
            if self.section and self.last <= unit:
                return False
            self.section += (1 if self.digit is None else self.digit) * unit
        else:
            held = self.section + (self.digit or 0)
            if not held and not self.total:
                return False
            self.total = (self.total + held) * unit if unit > 10_000 else self.total + held * unit
            self.section = 0.0
        self.digit, self.last, self.zero = None, unit, False
        return True

    def worth(self) -> float:
        if self.digit is None:
            return self.total + self.section
        colloquial = self.last >= 100 and not self.zero
        return self.total + self.section + self.digit * (self.last / 10 if colloquial else 1)


def _chinese(text: str, start: int) -> Quantity | None:
    if positional := _POSITIONAL.match(text, start):
        return Quantity(float("".join(str(DIGITS[c]) for c in positional[0][:15])), start, positional.end())
    if text[start] == "半":
        return Quantity(0.5, start, start + 1)
    state, end, vague = _Sum(), start, False
    while end < len(text):
        step = _step(text, end, state)
        if step == 0:
            break
        vague |= text[end] in ABOUT or text[end] == "好" or step == 2 or text[end : end + 1] == "、"
        end += step
        if text[end - 1] in ABOUT and text[end : end + 1] not in UNIT:
            break
    return None if end == start else Quantity(round(state.worth(), 2), start, end, vague)


def _step(text: str, position: int, state: _Sum) -> int:
    """How many characters the numeral takes next; 0: it has ended."""
    char = text[position]
    if char in "零〇":
        state.zero = True
        return 1 if position + 1 < len(text) and text[position + 1] in DIGITS else 0
    if char in DIGITS:
        return _take_digit(text, position, state)
    if char in UNIT:
        after = text[position + 1 : position + 2]
        if char in "wWkK" and after.isascii() and after.isalpha():
            return 0
        return 1 if state.place(UNIT[char]) else 0
    if text.startswith("好几", position) and state.last and text[position + 2 : position + 3] in UNIT:
        return 2  # 二十好几万
    if char in ABOUT and (state.last or (state.digit is not None and text[position + 1 : position + 2] in UNIT)):
        return 1
    if char == "点" and state.digit is not None and text[position + 1 : position + 2] in DIGITS:
        state.digit += DIGITS[text[position + 1]] / 10
        return 2
    if char == "、" and state.digit is not None and not state.last:
        return 2 if DIGITS.get(text[position + 1 : position + 2], -1) == state.digit + 1 else 0
    return 0


def _take_digit(text: str, position: int, state: _Sum) -> int:
    value, after = DIGITS[text[position]], text[position + 1 : position + 2]
    if state.digit is not None:
        return 1 if value == state.digit + 1 and after not in DIGITS else 0  # 三四: a range, lower end kept
    labour = text.startswith("人工", position + 1)  # 二十六万四 | 人工工资
    if state.last >= 100 and not state.zero and after in _BOUND_TO_OTHERS and not labour:
        return 0  # 六万八 is money, 六万 | 八个人 is not
    if text[position] == "一" and state.last >= 100 and after in _ONE_OF_WORD:
        return 0  # 两万一直没给
    state.digit = float(value)
    return 1
