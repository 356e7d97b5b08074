"""How much is owed. Knows wages from project money, a debt from a rate, a total from its parts.

Yuan. A per-person sum is multiplied by the headcount where the text gives one. Bounds keep absurd sums out (`doubt`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.facts import choice, listed
from monitor.facts.clauses import DEBT, OTHER, PAID, PROJECT, TOTAL, WAGE, Clause, covering
from monitor.facts.numerals import Quantity
from monitor.facts.sums import Amount, left_over, sum_of_others, worked_out

LEAST, MOST = 10.0, 2_000_000_000.0  # yuan; beyond these it is a slip of the pen or no wage debt
SHORT, EARLY = 400, 60  # characters of a text that has one subject; in which a text says what it is about
PART = 0.2  # the chance from which a sum beside the likeliest one may be a part of the debt
MOST_EACH = 2_000_000.0  # yuan a worker

_CURRENCY = re.compile(r"\s*(?:元|块|圆|塊|人民币|RMB|rmb|米(?=[没不，。!！]))")
_BIG = re.compile(r"[万萬亿wW]|[十百]万")
_COUNTER = re.compile(
    r"\s*(?:多|余|来)?(?:[个名位号人户家吨斤辆台份册字亩票次页期幢栋层号楼路岁年月日天周时分秒%％点平方米里]|"
    r"公里|平米|师生|职工|员工|农民工|"
    r"教师|用户|粉丝|家庭|群众|学生|工人(?!安装款|工资|劳务|血汗|款)|医护|小时|月薪|[-—/:：]\d|[A-Za-z])"
)
_BARE = re.compile(
    rf"(?:欠|差|剩|还有|人均|每人|加起来|算下来|提成|工钱|押金|押着|扣|合计|一共|总共|共计|工资|共|{WAGE}|余款|尾款)[^，。\d,；;]{{0,7}}$"
)
_RATE_AFTER = re.compile(
    r"^(?:元|块)?(?:钱)?(?:左右|多)?\s*(?:/|每|一|\\|·)\s*(?:个)?(?:天|月(?!份|的|没|未|工资|不)|小时|时|日|"
    r"工日|工(?!资|钱|程|人)|平|方|米|吨|件|人次|单|课时|节|年(?!前|底|后|终|半))"
)
_RATE_BEFORE = re.compile(
    r"(?:每天|一天|每月|月薪|日薪|时薪|年薪|(?<![\d一二三四五六七八九十个份半当上本该])月工资|基本工资(?!总)|底薪|"
    r"工资标准|单价|每小时|每平米?|每方|每个工|点工|最低工资|保底|工资为?每月|月均|年均|平均工资|"
    r"每年|每米|每吨|每件|每单|每次|每节|工价|(?<!\d)日工资|日均|原来的?|涨到|降到|[砍减调降升加][到至为]|从|由|不低于|标准[为是]?|月收入|(?<!最后)一个月|"
    r"每个月|试用期)[^，。\d]{0,6}$"
)
_EACH_BEFORE = re.compile(
    r"(?:每人|人均|每个人|一个人|(?<!第)一人|每位|每名|平均|(?<![\d一二两三四五六七八九十几多])个人)[^，。\d]{0,8}$"
)
_EACH_AFTER = re.compile(r"^(?:元|块)?(?:钱)?(?:/人|每人|一人|一个人|一位)")
_PAID_BEFORE = re.compile(rf"(?:{PAID})[^，。]{{0,8}}$")
_NOT_PAID = re.compile(r"没|未|不|欠|应|需|要求|请求|判令|立即|还差|拿不到")
_STILL = re.compile(r"(?:还|尚|余|仍)[^，。]{0,4}(?:剩|欠|差|有)|余额|余$|剩下|余下|下欠|尚欠|拖欠|余款|尾款")
_WAGE, _DEBT, _TOTAL = (re.compile(p) for p in (WAGE, DEBT, TOTAL))
_OF_MONEY = re.compile(r"钱|款|条|酬|账")
_WAGES_NAMED = re.compile(r"工[资钱]|薪|血汗钱")
_FINE = re.compile(r"双倍|二倍|补偿|赔偿")
_YEARS_AFTER = re.compile(r"\s*(?:年半|一年|两年|半年)")
_HEADS_BEFORE = re.compile(r"(?<!每)(?<!一)(?:个人|[名位个][\u4e00-\u9fa5]{1,4}|\d\s?人)\s?[的，,]?$")
_HEADS_NEAR = re.compile(
    r"(?:\d|[二两三四五六七八九十百])(?:多|来)?(?:[个名位号](?:人|工|民|员|学|老|兄|姐|服|同|师|女|都|没)|人(?!均|工))|我们\S{0,3}[二两三四五六七八九十]个"
)
_UNPAID_NEXT = re.compile(
    r"一?拖|一直(?:没|拖)|到现在[^，。]{0,6}没|至今(?:没|未)|没给|没发|没结|未付|能不能要回来|推到"
)
_WAGE_NEXT = re.compile(rf"(?:的)?(?:{WAGE})(?!标准|卡)")
_MIXED = re.compile(r"包工包料|料钱|占一半|也有人工|里面有")
_LONE_SUM = re.compile(
    r"[一两二三四五六七八九](?:千(?![余多]?[^，。,.;；!！?？了、)）\s一两二三四五六七八九百零])|百(?=[，。,]))[一二两三四五六七八九十百零]{0,5}(?=[，。,.;；!！?？了、)）\s]|$)"
)
_A_DATE = re.compile(r"(?:19|20)\d\d(?:\.\d{1,2})?$")
_DATED = re.compile(r"[\d一二三四五六七八九十][年月日号]$|第$")
_UNPAID_AFTER = re.compile(r"\s*(?:都|一直|也|至今|到现在)?(?:没[给发结付]|未[付发给结]|不[给发结付])")
_REFUSED = re.compile(
    r"没钱|不认|赖|打水漂|要不[到回]|没[有]?(?:兑现|着落|影|到账|付清|结清|打|转)|[不没未]打|[不没未]退|[不没未]转|不还|没还|拖|未付|没给|不给|一直|至今|到现在|"
    r"都没|要了[^，。]{0,4}次|推脱|推来推去|找不到"
)
_NOTE = re.compile(r"(?:元|块)?钱?的?(?:欠条|白条|借条|条子|欠款|欠据)")
_LENT = re.compile(r"借[给与](?:了)?[^，。]{0,8}$|(?:粉丝|阅读量?|播放量?|点击量?|点赞|转发|浏览量?|人口)[^，。]{0,4}$")
_TAKEN = re.compile(r"(?:拿|卷|带|吞|骗|扣)(?:走|掉|下)?了?[^，。]{0,6}$")
_JUDGED = re.compile(r"(?:裁决|裁|判决|判令|判了?|应|须|当)[^，。]{0,16}(?:付|支付|补发|给付)")
_NAMED_SUM = re.compile(r"(?:金额|数额|款额|款项|总额|欠款)(?:为|是|达|约|共|共计|:|：)*$")
_AGREED = re.compile(r"说好|讲好|谈好|约定|承诺|答应|原来|本来")
_WAGE_AND_MORE = re.compile(rf"(?:{WAGE})[^，。]{{0,8}}[及和与、]")
_MIXED_DEBTS = re.compile(
    r"(?:工程[款项]|货款|材料|贷款|机械费|欠税|集资款|租金)[^，。\d]{0,6}[和及与、,，][^，。\d]{0,8}(?:工资|工钱|薪)|"
    r"(?:工资|工钱|薪)[^，。\d]{0,4}[和及与、][^，。\d]{0,8}(?:工程[款项]|货款|材料|贷款|机械费|集资款|租金)"
)
_JOINED_TO_WAGE = re.compile(rf"(?:{WAGE})[款费]?[及和与][^，。、；;\d]{{0,8}}$")
_OWED_US = re.compile(r"(?:欠|差|扣|押|赖)(?:了|着|下)?(?:我|咱|俺|本人|员工|工人|职工)")
_TERM = re.compile(r"(?:元|块)?[)）]?\s*[×xX*÷−-]\s*[\d(（]")  # (3500元-2100元)×5个月=7000元
_ITEM = re.compile(r"[、,，;；及和与]")
_TEXT = (
    ("court text", re.compile(r"原告|被告|申请人|本院|判令")),
    ("wages named", _WAGES_NAMED),
    ("debt named", _DEBT),
)
_TELLING = {
    "debt before",
    "debt after",
    "wage before",
    "wage after",
    "wage last",
    "debt next",
    "total",
    "still",
    "paid",
    "unpaid next",
}
_CLAIMED = {"found by court", "owed to us", "pleading", "to be paid"}
_OF_OTHERS = {"in account", "owed to others", "owed to him", "loan", "is settled"}
_MAGNITUDES = {f"1e{power}" for power in range(1, 9)}
_LETTERS = re.compile(r"[\u4e00-\u9fa5]{2}")
_LIST_BREAK = re.compile(r"[。！？!?\n其]|共|其中|包括|每|才|只|还有|已|还欠|还剩|尚欠|拖欠|余下")
_NEXT_THING = re.compile(r"[并及和、,，（(]")
_LIST_JOINT = re.compile(r"[、,，和及加]")
_KIND = re.compile(rf"(?P<deposit>押金)|(?P<other>{OTHER})|(?P<project>{PROJECT})|(?P<wage>{WAGE})")
_TOPIC = re.compile(
    rf"(?P<project>{PROJECT}|砂|石料|供货|送货|工程量)|(?P<wage>{WAGE}|干活|做工|打工)|"
    rf"(?P<other>{OTHER}|医药|住院|手术|信用社|房贷|月供|亲戚|外债|流转|承包费|集资|借了|高利贷|车贷|银行|赌|拍卖|卖设备|中标|抵给|征地|拆迁|养老|体检|服装费|水电费|"
    r"门面|罚|损失|社保|保险|存折|股份)"
)


@dataclass(frozen=True, slots=True)
class Owed:
    """The decision: `yuan` None where the text gives none that can be believed; `doubt` says why one was refused."""

    yuan: float | None
    spans: tuple[tuple[int, int], ...] = ()
    kind: str = ""
    doubt: str = ""


def owed(text: str, found: Sequence[Quantity], pieces: list[Clause], workers: int | None) -> Owed:
    """The sum owed, from every number in `text`. Project money counts only where the text speaks of no wages."""
    amounts = candidates(text, found, pieces)
    model = choice.weights("amounts")
    shares = model.shares([a.signs for a in amounts])
    total = choice.by_value([a.yuan for a in amounts], shares)
    sure = [(total[a.yuan], share, -a.start, a) for a, share in zip(amounts, shares, strict=True)]
    sure = [row for row in sure if row[0] >= model.least and (row[3].kind != "each" or workers)]
    if not sure:
        return Owed(None)
    best = max(sure, key=lambda row: row[:3])[3]
    likely = [a for a, share in zip(amounts, shares, strict=True) if share >= PART or a is best]
    if best.kind == "project" and _WAGES_NAMED.search(text) and not _MIXED.search(text):
        return Owed(None)
    return _bounded(settled(text, best, likely, amounts, workers), workers, best.kind)


def settled(text: str, best: Amount, likely: list[Amount], amounts: list[Amount], workers: int | None) -> Owed:
    """What the best candidate comes to: times the heads, or with the other parts of its list."""
    if best.kind == "each":
        return Owed(best.yuan * (workers or 1), ((best.start, best.end),))
    return _choose(text, best, [a for a in likely if a.kind not in ("each", "other")], amounts)


def candidates(text: str, found: Sequence[Quantity], pieces: list[Clause]) -> list[Amount]:
    """Every sum of money in `text` that is no rate, with the signs for and against its being the debt.

    No sum that was paid where the text speaks neither of pay nor of a debt.
    """
    seen = choice.Seen("amounts", text)
    amounts = [amount for quantity in found if (amount := _amount(text, quantity, pieces, seen)) is not None]
    if not amounts:
        return []
    if not (_WAGE.search(text) or _DEBT.search(text)):
        if len(text) > SHORT and not _OF_MONEY.search(text):
            return []
        amounts = [a for a in amounts if not a.paid and "was paid" not in a.signs]
    values = Counter(a.yuan for a in amounts)
    whole = _of_the_text(text)
    voice = choice.voice(text)
    most, heaviest = max(values, default=0.0), max((a.weight for a in amounts), default=0.0)
    left = {a.yuan for a in amounts if "left" in a.signs}
    over, reduced = left_over(amounts)
    worked = worked_out(amounts, found) if amounts else set()
    return [
        replace(
            a,
            signs=a.signs
            | whole
            | ({"largest"} if a.yuan == most else set())
            | ({"heaviest"} if a.weight == heaviest else set())
            | ({"alone left"} if "left" in a.signs and left == {a.yuan} else set())
            | ({"said twice"} if values[a.yuan] > 1 else set())
            | (
                {"worked out"} | ({"rule"} if "debt named" in whole and not a.paid else set())
                if at in worked
                else set()
            )
            | (
                {"only sum"}
                if len(amounts) == 1
                else {"last sum"}
                if at == len(amounts) - 1
                else {"first sum"}
                if not at
                else set()
            )
            | {f"{voice}: {sign}" for sign in a.signs & _MAGNITUDES}
            | ({"left over", "rule"} if at in over else {"reduced"} if at in reduced else set())
            | ({"sum of others", "rule"} if sum_of_others(at, amounts) else set()),
        )
        for at, a in enumerate(amounts)
    ]


def _of_the_text(text: str) -> set[str]:
    """Signs of the whole text, the same for each of its sums."""
    size = len(text)
    shown = {"short text" if size <= SHORT else "long text"}
    shown |= {name for name, pattern in _TEXT if pattern.search(text)}
    return shown


def _amount(text: str, quantity: Quantity, pieces: list[Clause], seen: choice.Seen) -> Amount | None:
    """The sum a number stands for and its signs; None if it is no money, a rate, or a fine."""
    end = _money_end(text, quantity)
    if end is None:
        return None
    index = covering(pieces, quantity.start)
    clause = pieces[index]
    before = text[max(clause.start, quantity.start - 40) : quantity.start]
    tail = text[quantity.end : quantity.end + 14]
    total = bool(_TOTAL.search(before[-10:]))
    if _RATE_AFTER.match(tail) or (not total and _RATE_BEFORE.search(before[-14:])):
        return None
    after = text[end : max(end, clause.end)][:24]
    kind = _kind(before, after)
    if total and kind == "other" and _WAGE_AND_MORE.search(text[max(0, quantity.start - 30) : quantity.start]):
        kind = "wage"  # 工资及经济补偿金共计...
    if kind == "other" and _JOINED_TO_WAGE.search(before):
        kind = "wage"  # 工资及利息13500元
    if kind == "wage" and not total and _FINE.search(_ITEM.split(before)[-1][-12:]):
        kind = "other"
    if kind == "other" or _LENT.search(before):
        return None
    if _EACH_BEFORE.search(before) or _EACH_AFTER.match(tail):
        kind = "each"
    still = bool(_STILL.search(before[-14:]))
    weight = _weight(before, after, kind, pieces[index - 1].text if index else "", total) + (1 if still else 0)
    weight += 1.5 if total and weight < 3 and _claimed(text, clause.start) else 0
    paid = bool(_PAID_BEFORE.search(before)) and not _NOTE.match(after)  # 打了张9万的欠条
    signs = _signs(text, quantity, end, pieces, index, seen)
    signs |= {f"kind {kind}", f"weight {min(6, max(-2, int(weight)))}", _size(quantity.value)}
    signs |= {name for name, said in (("total", total), ("still", still), ("paid", paid)) if said}
    signs |= {"mixed"} if _MIXED_DEBTS.search(text[max(0, quantity.start - 24) : quantity.start]) else set()
    if "left" in signs and kind in ("wage", "open") and not paid and "mixed" not in signs and _WAGE.search(text):
        signs.add("rule")
    told = kind == "each" and len(text) <= SHORT and _claimed(text, len(text))
    if told or (weight >= (3 if kind in ("wage", "open") else 2) and kind != "deposit"):
        signs.add("rule")
    signs |= {"term"} if _TERM.match(tail) else {"result"} if before.rstrip().endswith("=") else set()
    if kind == "each":
        signs -= {"rate of it", "one of many"}
        if _HEADS_NEAR.search(text, max(0, quantity.start - 24), end + 20):
            signs = signs - {"kind each"} | {"heads beside"}
    topic = _topic(text, quantity.start)
    signs.add(f"topic {topic}")
    if "mixed" in signs or (
        topic == "other" and kind == "open" and "pay noun" not in signs and not _OWED_US.search(before)
    ):
        signs.discard("rule")
    if kind in ("wage", "open") and signs & _CLAIMED and not paid:
        signs.add("rule")
    if signs & _OF_OTHERS and not signs & _CLAIMED:
        signs.discard("rule")
    signs |= {f"{kind}: {sign}" for sign in signs & _TELLING}
    return Amount(
        quantity.value, quantity.start, end, kind, weight, total, quantity.vague, still, paid, frozenset(signs)
    )


def _topic(text: str, position: int) -> str:
    """What the sentence has last named before the sum: pay, project money, or something else (a loan, a fine)."""
    begin = max(text.rfind(stop, 0, position) for stop in "。！？!?\n；;") + 1
    last = ""
    for match in _TOPIC.finditer(text, max(begin, position - 60), position):
        last = str(match.lastgroup)
    return last or "none"


def _size(yuan: float) -> str:
    """The order of magnitude, as a sign."""
    return f"1e{max(1, min(8, len(str(int(yuan))) - 1))}"


def _signs(text: str, quantity: Quantity, end: int, pieces: list[Clause], index: int, seen: choice.Seen) -> set[str]:
    """What stands in the clause of a sum and in those beside it."""
    clause = pieces[index]
    before, after = text[max(clause.start, quantity.start - 40) : quantity.start], text[end : clause.end][:24]
    last = pieces[index - 1].text if index else ""
    following = pieces[index + 1].text if index + 1 < len(pieces) else ""
    leading = text[max(0, quantity.start - 40) : quantity.start]
    words = (
        ("debt before", _DEBT, before), ("debt after", _DEBT, after), ("debt last", _DEBT, last[-20:]),
        ("debt next", _DEBT, following[:16]), ("wage before", _WAGE, before), ("wage after", _WAGE, after),
        ("wage last", _WAGE, last[-24:]), ("wage next", _WAGE, following[:16]), ("unpaid after", _REFUSED, after),
        ("refused next", _REFUSED, following[:20]), ("taken", _TAKEN, before), ("judged", _JUDGED, leading),
        ("named sum", _NAMED_SUM, before), ("agreed", _AGREED, before[-12:]), ("not paid", _NOT_PAID, before[-14:]),
        ("heads before", _HEADS_BEFORE, leading[-10:]),
    )  # fmt: skip
    shown = {name for name, pattern, where in words if pattern.search(where)}
    matched = (("unpaid next", _UNPAID_NEXT, following), ("note", _NOTE, after))
    shown |= {name for name, pattern, where in matched if pattern.match(where)}
    shown |= seen.around({"before": before, "after": after, "last": last[-24:], "next": following[:24]})
    plain = (
        ("currency", _CURRENCY.match(text, quantity.end)), ("vague", quantity.vague), ("early", quantity.start < EARLY),
        ("bracket", before.endswith(("(", "（"))), ("one by one", "分别" in leading or "依次" in leading),
    )  # fmt: skip
    return shown | {name for name, said in plain if said}


def _money_end(text: str, quantity: Quantity) -> int | None:
    """Where the sum ends if the number is money at all."""
    after = text[quantity.end : quantity.end + 8]
    if currency := _CURRENCY.match(after):
        return quantity.end + currency.end()
    if text[max(0, quantity.start - 1) : quantity.start] in ("¥", "￥"):
        return quantity.end
    if _COUNTER.match(after) and not (_YEARS_AFTER.match(after) or after.startswith("人工")):
        return None
    if _BIG.search(text[quantity.start : quantity.end]):
        return quantity.end
    window = text[max(0, quantity.start - 16) : quantity.start]
    if _A_DATE.match(text[quantity.start : quantity.end]):
        return None
    said = _BARE.search(window) or _HEADS_BEFORE.search(window)
    bare = said and not _DATED.search(window)
    return (
        quantity.end
        if quantity.value >= 50
        and (
            bare
            or _LONE_SUM.match(text, quantity.start)
            or _UNPAID_AFTER.match(after)
            or _WAGE_NEXT.match(after)
            or _NOTE.match(after)
        )
        else None
    )


def _weight(before: str, after: str, kind: str, previous: str, total: bool) -> float:
    """How much speaks for a sum that is owed: from 3 on it counts."""
    weight = 0.0
    if _DEBT.search(before) or _DEBT.search(after[:14]):
        weight += 3
    elif _DEBT.search(previous[-14:]):
        weight += 1.5
    weight += 2 if kind == "wage" else 0
    if kind == "open" and _WAGE.search(previous[-20:]):
        weight += 1.5
    weight += 1.5 if total else 0
    paid = _PAID_BEFORE.search(before)
    if paid and not _NOT_PAID.search(before[max(0, paid.start() - 4) :]) and not _STILL.search(before):
        weight -= 4
    return weight


def _claimed(text: str, position: int) -> bool:
    """Whether the text before has said that wages are owed."""
    said = text[max(0, position - 120) : position]
    return bool(_WAGE.search(said) and _DEBT.search(said))


def _kind(before: str, after: str) -> str:
    """What the money is for: the noun right after it, else the nearest before it."""
    if found := _KIND.search(_NEXT_THING.split(after[:9])[0]):
        return str(found.lastgroup)
    nearest = None
    for nearest in _KIND.finditer(before):  # noqa: B007 - the last one counts
        pass
    return str(nearest.lastgroup) if nearest else "open"


def _choose(text: str, best: Amount, candidates: list[Amount], amounts: list[Amount]) -> Owed:
    """What is still owed before a total, a total before a part; parts in one list are added up."""
    candidates = candidates or [best]
    best = max((a for a in candidates if a.total and a.yuan >= best.yuan), key=lambda a: a.weight, default=best)
    best = next((a for a in candidates if "left over" in a.signs and a.yuan < best.yuan), best)
    left = [a for a in candidates if a.still and a.weight >= 4 and a.yuan < best.yuan and not a.total]
    if left and best.total and not best.still:
        best = left[0]
    exact = [a for a in candidates if not a.vague and best.vague and best.yuan < a.yuan <= best.yuan * 1.25]
    best = exact[0] if exact else best  # 四十多万 in the title, 四十一万 below
    parts = [best] if best.total or best.still or best.signs & {"left over", "left"} else _listed(text, amounts, best)
    return Owed(round(sum(a.yuan for a in parts), 2), tuple((a.start, a.end) for a in parts))


def _listed(text: str, amounts: list[Amount], best: Amount) -> list[Amount]:
    """The sums that stand in one list with the best: same sentence, joined by 、, 和 or a comma, different values."""
    position = amounts.index(best)
    parts = [best]
    for neighbour in amounts[position + 1 :]:
        if not _joined(text[parts[-1].end : neighbour.start], neighbour, best):
            break
        parts.append(neighbour)
    for neighbour in reversed(amounts[:position]):
        if not _joined(text[neighbour.end : parts[0].start], neighbour, best):
            break
        parts.insert(0, neighbour)
    return parts


def _joined(between: str, neighbour: Amount, best: Amount) -> bool:
    if len(between) > 24 or _LIST_BREAK.search(between) or not _LIST_JOINT.search(between):
        return False
    if not (listed.next_name(between) or _WAGE.search(between) or "押金" in between or not _LETTERS.search(between)):
        return False  # 冬煤费70元: another thing
    same = neighbour.yuan == best.yuan and "one by one" not in neighbour.signs
    return not same and neighbour.weight >= 1 and neighbour.kind in ("wage", "deposit", best.kind)


def _bounded(owed_sum: Owed, workers: int | None, kind: str) -> Owed:
    value = owed_sum.yuan or 0.0
    if value < LEAST:
        return Owed(None, (), kind, f"amount: {value:g} yuan is less than {LEAST:g}")
    if value > MOST:
        return Owed(None, (), kind, f"amount: {value:g} yuan is more than {MOST:g}")
    if kind == "wage" and workers and workers > 1 and value / workers > MOST_EACH:
        return Owed(None, (), kind, f"amount: {value / workers:g} yuan a worker is more than {MOST_EACH:g}")
    return Owed(value, owed_sum.spans, kind)
