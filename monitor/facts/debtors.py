"""Which of the names in a text owes. Weighs firms, brands and private debtors; knows not how they are found.

Every name is a candidate with its signs: what is said of it, of which kind it is, where and how often it stands. The
logistic weights of debtors.json, learnt by learn_debtors.py, choose. The register is the matter of register.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import yaml

from classifiers.tokenizer import words
from monitor.facts.brands import brands
from monitor.facts.called import called
from monitor.facts.choice import weights
from monitor.facts.endings import LOOSE
from monitor.facts.names import core_of, in_no_name, nameish
from monitor.facts.parties import SURE, Named, both, in_full, organisations
from monitor.facts.private import private

STRONG, AHEAD = 5.0, 2.0  # what must speak for a name by the plain rule, and how much less for any other, to decide
# the chance of a name that overrules the plain rule; that of all, below which the rule falls
SURE_OF_ONE, SURE_OF_NONE = 0.6, 0.3
_INTRODUCED = frozenset({"called", "called far", "in quotes", "party"})
_SAID = frozenset({"firm or works", "works at", "member", "accused"})
RULE_LEAST = 1.0  # what must speak for a name by the plain rule
_COURT = re.compile(r"原告|被告|本院|判决|裁决|申请人|上诉人|法院")
_ONE = re.compile(r"^[一某几这那有哪各两三]|^\d|小时")
_PUBLIC = frozenset({"school", "hospital", "office"})
_BUDGET = re.compile(r"绩效|津贴|补贴|编制|在编|财政|教育局|文件精神|政策|调标|同工同酬|代课")
# what people do, how many, where they wrote, whose house: 打钱, 拍短剧, 一堆饭店, 网上发了, 熟人家 are no names
_NO_DEBTOR = re.compile(
    r"(?:打|发|开|结|付|给|要|讨|领|算|催|欠|拖)(?:钱|款|资|账|薪|支|饷|工资|工钱)(?:公司|厂|店)?|"
    r"(?:拍|演|跑|送|写|画|唱|刷|剪|做)(?:短剧|戏|视频|电影|电视剧|直播|外卖|快递|代码|广告|单)|"
    r"(?:一堆|一些|好多|很多|不少|好几家|几家|各种|所有|一帮).*|(?:网上|群里|抖音上|微博上|朋友圈).*|"
    r"(?:熟人|亲戚|朋友|邻居|同村|老乡|别人|人家|私人|同学|同事)家?|(?:一个)?大?家庭|一家人|.{0,2}(?:收费站|加油站|服务区)|"
    r".*[人个名]把.*|.*几局|.*师傅要.*|(?:表?[哥弟姐妹]夫?|舅舅|叔叔|师傅)[去要叫]?"
)
_OWN = re.compile(r"我们?公司|本公司|我们?单位|我们?[厂店校院]|我司")


def debtor(text: str, title_end: int, taken: Sequence[tuple[int, int]] = ()) -> Named | None:
    """The firm or private person that owes, None where none is named. `taken`: spans that name something else."""
    ranked, person = named_in(text, title_end, taken)
    if not ranked:
        return None
    if person is None and decided(ranked):
        return in_full(ranked[0], ranked)
    shown = _with_signs(text, ranked, person)
    model = weights("debtors")
    told = model.shares([signs for _, signs in shown])
    return choose(ranked, told, model.least, ruled="rule" in shown[0][1])


def decided(ranked: Sequence[Named]) -> bool:
    """Whether the plain rule speaks so strongly for its name, and for no other, that nothing else need be weighed."""
    first, *others = ranked
    return first.weight >= STRONG and all(named.weight <= first.weight - AHEAD for named in others)


def choose(names: Sequence[Named], told: Sequence[float], least: float, *, ruled: bool) -> Named | None:
    """The name that owes, in its longest form. The first is the plain rule's if `ruled`: it stands unless the weights
    are sure of another one, or of none; where the rule has nothing to say, a name and its other forms must together be
    as likely as `least`."""
    best = max(range(len(names)), key=lambda at: (told[at], -names[at].start))
    if told[best] < SURE_OF_ONE:
        if ruled and sum(told) >= SURE_OF_NONE:
            best = 0
        elif ruled or _with_forms(names, told, best) < least:
            return None
    return in_full(names[best], list(names))


def _with_forms(names: Sequence[Named], told: Sequence[float], best: int) -> float:
    name = names[best].name
    return sum(chance for each, chance in zip(names, told, strict=True) if each.name in name or name in each.name)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, dict[str, re.Pattern[str]]]:
    with (files("monitor.facts") / "debtors.yaml").open(encoding="utf-8") as file:
        table: dict[str, dict[str, str]] = yaml.safe_load(file)
    return {part: {sign: re.compile(pattern) for sign, pattern in signs.items()} for part, signs in table.items()}


def candidates(text: str, title_end: int, taken: Sequence[tuple[int, int]] = ()) -> list[tuple[Named, frozenset[str]]]:
    """Every name that may owe, with its signs; best by the plain rule first."""
    return _with_signs(text, *named_in(text, title_end, taken))


def named_in(text: str, title_end: int, taken: Sequence[tuple[int, int]]) -> tuple[list[Named], Named | None]:
    """The names, best by the plain rule first, and the private person among them."""
    found = organisations(text, title_end)
    for named in (*brands(text, title_end), *called(text)):
        held = found.get(named.name)
        found[named.name] = named if held is None else both(held, named, 0.0)
    ranked = _free(list(found.values()), taken)
    person = private(text)
    if person is not None:  # 经营者柏某 is no name beside 个人(柏某)
        ranked = [n for n in ranked if not (n.end == person.end and n.start <= person.start)] + [person]
    first = _by_rule(ranked, person)
    return ([first] if first else []) + [named for named in ranked if named is not first], person


def _free(names: list[Named], taken: Sequence[tuple[int, int]]) -> list[Named]:
    """The names that are no piece of another and name nothing else, best by the plain rule first."""
    names = [named for named in names if not _NO_DEBTOR.fullmatch(named.name)]
    whole = [n for n in names if not any(_inside(n, other) for other in names)]
    free = [n for n in whole if not any(start < n.end and n.start < end for start, end in taken)]
    return sorted(free, key=lambda named: (-named.weight, named.start))


def _by_rule(ranked: list[Named], person: Named | None) -> Named | None:
    """What the plain rule takes: the best name with an ending, of a brand or of an accused; a foreman before it."""
    plain = [named for named in ranked if named is not person and named.weight >= RULE_LEAST and not _introduced(named)]
    if person is not None and not person.signs and not (plain and plain[0].weight >= SURE):
        return person
    return plain[0] if plain else None


def _introduced(named: Named) -> bool:
    """Whether it was only introduced (called.py) and nothing said of it."""
    return bool(named.signs & _INTRODUCED) and not named.signs & _SAID


def _inside(named: Named, other: Named) -> bool:
    """Whether it is only a piece of the other, at the same place."""
    return other.start <= named.start and named.end <= other.end and len(named.name) < len(other.name)


def _with_signs(text: str, ranked: list[Named], person: Named | None) -> list[tuple[Named, frozenset[str]]]:
    court = bool(_COURT.search(text))
    shown = [(named, _signs(text, named, at, ranked, court)) for at, named in enumerate(ranked)]
    return (
        shown
        if person is None
        else [(n, s | {"beside a firm" if n is person else "beside a person"}) for n, s in shown]
    )


def _signs(text: str, named: Named, rank: int, ranked: list[Named], court: bool) -> frozenset[str]:
    table = _patterns()
    before, after = text[max(0, named.start - 14) : named.start].rstrip("“「\"'"), text[named.end : named.end + 40]
    after = after.lstrip("”」\"'")
    alone = (
        "private" if named.name[-1:] == ")" and ("姓" in named.name or "某" in named.name or "老" in named.name) else ""
    )
    shown = {f"told {sign}" for sign in named.signs}
    kinds = (
        {kind for kind, pattern in table["kinds"].items() if pattern.search(named.name)} if not alone else {"private"}
    )
    shown |= {f"kind {kind}" for kind in kinds} or {"kind bare"}
    if not alone and LOOSE.search(named.name):
        shown.add("kind trade")
    if not alone and any(in_no_name(word) for word in words(named.name)[:-1]):
        shown.add("speech in it")
    if not alone and nameish(core_of(named.name)):
        shown.add("nameish")
    elif not alone and not named.signs & {"called", "called far"}:
        shown.add("common words" if _ONE.search(named.name) is None else "one of many")
    shown |= {f"< {sign}" for sign, pattern in table["before"].items() if pattern.search(before)}
    shown |= {f"> {sign}" for sign, pattern in table["after"].items() if pattern.match(after)}
    shown.add(f"mentions {min(3, text.count(text[named.start : named.end]))}")
    shown.add(f"names {min(3, len(ranked))}")
    shown.add(f"rank {min(3, rank)}")
    shown.add("first" if named.start == min(n.start for n in ranked) else "later")
    shown.add("early" if named.start < 40 else "middle" if named.start < 200 else "late")
    shown.add(f"weight {max(-1, min(6, int(named.weight // 1)))}")
    shown.add(f"size {min(3, len(named.name) // 3)}")
    best = max(n.weight for n in ranked)
    if best - named.weight > 1.5:
        shown.add("far below")
    if rank == 0 and _by_rule(ranked, named if alone else None) is named:
        shown.add("rule")
    if court:
        shown |= {f"court & {kind}" for kind in kinds} | {"court"}
    if kinds & _PUBLIC and _BUDGET.search(text):
        shown |= {"paid from a budget"} | {f"budget & {kind}" for kind in kinds & _PUBLIC}
    if _OWN.search(text):
        shown.add("own words")
    return frozenset(shown)
