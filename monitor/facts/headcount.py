"""How many workers are unpaid: 三十多号人, 我们班组18个, 工人一共二十七个. Knows whom a number may count.

Every number that could count people is a candidate with its signs (what stands before, after and near it); the weights
learnt from labelled posts choose. Where no number counts the unpaid, alone.py says whether one person speaks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.facts import choice, listed
from monitor.facts.alone import alone
from monitor.facts.clauses import DEBT, WAGE, Clause, covering
from monitor.facts.numerals import Quantity

SHORT, LONG, HEADLINE, WIDE = 240, 800, 60, 200  # characters
MOST = 50_000  # heads in one case; more is a statistic

_TRADE = (
    r"(?:[\u4e00-\u9fa5]{1,2}工(?![资钱程作地期人友时伤厂])|"
    r"[\u4e00-\u9fa5]{1,3}(?<![党会学官委动议社队伤])(?:员|匠|嫂)(?![工会外额名])|驾驶员)"
)
STAFF = (
    r"农民工|民工|村民|妇女|乡亲|阿姨|大姐|工人|工友|员工|职工|老乡|兄弟|姐妹|师傅|徒弟|同事|同伴|同胞|教师|老师|教职工|骑手|派件员|"
    r"快递员|快递小哥|外卖员|司机|保安|保洁员?|环卫工|医护人员|医护|护士|护工|医生|学生工|暑假工|临时工|村医|辅警|协警|"
    r"劳动者|务工人员|务工者|打工者|打工人|打工的|工作人员|施工人员|服务员|木工|瓦工|钢筋工|泥工|小工|大工|技工|焊工|"
    r"合同工|临聘人员|聘用人员|主播|演员|群演|球员|教练|队员|选手|矿工|船员|厨师|店员|销售员?|业务员|会计|记者|编辑|"
    r"月嫂|保姆|清洁工|搬运工|分拣员|宿管|协勤|骑士|保育员|代课|特岗|公益岗|外援|摄影师|设计师|化妆师|木匠|瓦匠|劳工|童工|同学|实习生|"
    r"[护养饲送打配派护安售理营巡检质押收采炊值放播导解司][\u4e00-\u9fa5]?员|程序员|工程师|管理人员|班组长|原告|申请人|当事人|放映员|小伙子?|大男人|女工|男工|大妈|大叔|大学生|讨薪者"
)
_HEAD = r"人(?=工[资钱]|血汗)|人(?!民|大|均|事|力|工|格|次|才|生|社|数|家|类|行|死|受伤)"
_MORE = r"\s*(?:多|余|于|来|几)?"
_NO_HEADS = (
    r"(?!\s*(?:多|半)?(?:月|星期|礼拜|小时|班|亿|工日|工作日|项目|公司|单位|孩子|电话|标段|楼|老板|学期|季度|"
    r"车间|工地|平方|点|字|女儿|儿子|问题|部门))"
)
_COUNTED = re.compile(
    rf"{_MORE}[名位][\u4e00-\u9fa5]{{7,12}}?(?P<long>员工|职工|工人|教师|放映员|队员|人员|护士|医生|司机|保洁员|民工)|"
    rf"{_MORE}(?:个|名|位|口|户){_NO_HEADS}(?P<between>[^，。,;；、\d\s一二两三四五六七八九十百几]{{0,6}}?)(?P<noun>{STAFF}|{_TRADE})|"
    rf"{_MORE}(?:号|个|名|位)?(?P<staff>{STAFF})|"
    rf"{_MORE}(?:号|个|名|位|口)?(?P<head>(?:{_HEAD}))"
)
_OF_A_CASE = re.compile(r"(?<=\d)(?:[民刑行执]?[初终再申仲]|民终|民初|字)第?$")  # (2017)粤01民终13458号
_BARE = re.compile(rf"(?:{_MORE}(?:个|名|位|口子?|户)|\s*(?:多|余|来)号){_NO_HEADS}")
_NUMBER_ONLY = re.compile(rf"{_MORE}(?=[,，。;；!！\s)）]|$)")
_SUBJECT = re.compile(
    rf"(?P<count>人数|人员)(?:有|为|共|是|约|达|多达|共计|:|：)*$|(?P<staff>{STAFF}|{_TRADE}|农民|被欠工资的|的)(?:一共|总共|共|大概|大约|就|有|是|达|约|近|超过?|共计|都)*$|"
    r"(?P<we>我们[\u4e00-\u9fa5]{0,3}|咱们|俺们|班组|一行|[他她]们|手底?下|我们组|小组|木工组|[工组班]组?)(?:的)?(?:一共|总共|共|大概|大约|就|有|是|这|还有|[(（])*$|"
    r"(?P<total>一共|总共|共计|合计|总数|加起来|共)(?:有|是|大概|约)*$"
)
_WE = re.compile(r"(?:我们|咱们|俺们|班组|手底?下|我们组|带着?了?|工地|老乡|等|全厂|同村|村里)[^，。,]{0,6}$")
_REST = re.compile(r"(?:剩下?|还有|其中|另有|尚有)[^，。,]{0,6}$")
_INVOLVED = re.compile(r"(?:涉及|拖欠|欠|欠薪|欠着|不给|克扣|压|押|扣|代表|被欠)[^，。,]{0,7}$")
_ENLISTED = re.compile(
    r"招聘?|急招|诚聘|限(?!公司|责任)|/$|第$|前(?![后厅台])$|缺|抽|另外?$|超过|全市|全国|全省|惠及|涉及企业|刑拘|抓获|处分|编制|离退休|裁|"
    r"开除|辞退|参保|在册|粉丝|会员|用户|家长|业主"
)
_STAFFED = re.compile(
    r"(?:公司|厂|单位|校|学校|局|站|集团|医院|店|剧团|工地)[^，。,]{0,6}(?:有|共有|现有|原来有)[^，。,]{0,4}$"
)
_SENT = re.compile(r"(?:去了?|来了?|叫了?|派了?|找了?|选了?|围|报警)$")
_STRANGERS = re.compile(
    r"电话|没|都|有|孩|领导|老板|法官|干部|女儿|儿子|老人|被执行|记者|律师|包工|家属|证人|打|警|股东|学员|家长|顾客|客户|业主|网友"
)
_SPOKEN_SUM = re.compile(r"[百千][一二三四五六七八九]$")
_OPPONENTS = re.compile(
    r"[个名位]?[^，。,]{0,2}(?:包工头|老板|负责人|股东|法官|民警|警察|律师|记者|经理|领导|干部|嫌疑人|被告)"
)
_COUNT_SAID = re.compile(r"人[数员]")
_AFTER_NO = re.compile(
    r"[^，。]{0,2}(?:下降|护理|规模|编制|见面|以上|以下|到了?[^，。]{0,8}派出所)|[里中当](?:面|间|中|还)?"
)
_PAY_NEXT = re.compile(rf"的?(?:[\u4e00-\u9fa5]{{0,4}}(?:{WAGE})|钱|血汗|[\d一二两三四五六七八九十]+[万千百])")
_UNPAID_NEXT = re.compile(r"[^，。,]{0,8}(?:没|未|不|被)[^，。,]{0,3}(?:拿|领|发|给|结|拖|欠|收|兑|付)")
_WORKS_NEXT = re.compile(r"[^，。,]{0,4}(?:在|[干做修挖盖]|打工|上班|施工|来到|跟着|给)")
_LEFT_BARE = re.compile(
    r"(?:剩下?|只剩|还有|走了|来了|去了|一共|总共|加起来|我们|咱们|起先|开始是?|一直是?|全体)[是有]?(?:\d{1,3}|[一二两三四五六七八九十百]{1,4})(?:多|来|几)?[个名位号口]$"
)
_WORK_NEXT = re.compile(r"都?(?:在|给|跟着?|帮)[^，。]{0,10}(?:做|干|上班|打工|修|装|砌|摘|收|种)")
_CLAIM = re.compile(r"仲裁|投诉|起诉|维权|讨薪|代表|签字|联名")
_KIN = (
    r"[表堂]?[哥弟姐妹]{1,2}|老公|爱人|丈夫|老婆|妻子|爸爸?|父亲|妈妈?|母亲|儿子|女儿|[姐妹]夫|叔叔?|舅舅?|伯父|岳父|公公|婆婆|"
    r"嫂子|侄子|外甥|亲戚|朋友"
)
_WITH_ME = re.compile(
    rf"(?:我|自己|本人|{_KIN}|师傅|[老小][\u4e00-\u9fa5]|[他她])(?:和|跟|与|同|带着?|带了|领着)(?:他|她|自己)?(?:我?(?:另外|其他|其它|其余|那))?(?:我?的)?(?:几)?$|和我一起的[^，。,]{{0,4}}$|(?:本人|我)(?:及|以及|还有)(?:其他|另外|其余)?$"
)
_BESIDE_ME = re.compile(
    r"除了?我(?:之外|以外|外)?[,，]?(?:还|另外?)?有[^，。\d]{0,3}$|(?:跟|和|与)我一[起同样][^，。]{0,6}(?:还有|的有|另有)[^，。]{0,6}$"
)
_LIKE_ME = re.compile(r"[^，。,]{0,3}(?:跟|和|像)我(?:一样|一起)")
_ONLY_FEW = re.compile(r"(?:三|两|几|多)个?(?:老板|合伙)")
_JOINED = re.compile(rf"\s*[,，、;；和及]?\s*(?:{STAFF}|{_TRADE})(?:有|共)?\s*")
_NEXT_OF_LIST = re.compile(r"\s*[,，、;；和及][\u4e00-\u9fa5]{0,5}")
_IN_ALL = re.compile(r"共|合计|总|就是|其中")
_TRADE_BEFORE = re.compile(rf"(?:{_TRADE}|{STAFF})(?:有|共)?$")
_IS_MONEY = re.compile(r"[万亿wW]")
_WAGE, _DEBT = re.compile(WAGE), re.compile(DEBT)


_TOLD_BY = {"rule", "we are", "before we", "after we", "noun head", "noun staff", "noun bare", "early", "unpaid them"}
_OF_PAY = {"near wage", "clause wage", "near debt", "clause debt"}
_SIZES = {"short", "middling", "long"}
_SAID = {"clause wage", "clause debt", "near wage", "near debt", "before we", "after we", "noun head", "noun staff"}


@dataclass(frozen=True, slots=True)
class Headcount:
    number: int | None
    span: tuple[int, int] | None = None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number that may count the unpaid, and the signs for and against it."""

    number: int
    start: int
    end: int
    signs: frozenset[str]


def headcount(text: str, found: Sequence[Quantity], pieces: list[Clause], title_end: int = 0) -> Headcount:
    """The workers unpaid; 1 only where one person speaks of their own pay."""
    model = choice.weights("heads")
    told = candidates(text, found, pieces, title_end)
    shares = model.shares([c.signs for c in told])
    total = choice.by_value([c.number for c in told], shares)
    if told:
        _, best = max(zip(shares, told, strict=True), key=lambda pair: (total[pair[1].number], pair[0], -pair[1].start))
        if total[best.number] >= model.least:
            if best.number > MOST:
                return Headcount(None, None, f"workers: {best.number} is more than {MOST}")
            return Headcount(best.number, (best.start, best.end))
    number, span = alone(text, title_end, pieces)
    return Headcount(number, span)


def candidates(text: str, found: Sequence[Quantity], pieces: list[Clause], title_end: int = 0) -> list[Candidate]:
    """Every number of people in `text`, with its signs. Linear in the number of numbers."""
    seen = choice.Seen("heads", text)
    told = [c for quantity in found if (c := _candidate(text, quantity, pieces, title_end, seen)) is not None]
    told = _summed(text, told)
    sums = _added_up(text, told)
    whole = _listed(text, found, pieces, title_end, sums)
    told = [c for c in told if not any(s.start <= c.start < s.end for s in whole)]
    told = [_part(c) if any(s.start <= c.start < s.end for s in sums) else c for c in told] + sums + whole
    if not told:
        return []
    values = Counter(c.number for c in told)
    most = max(values)
    voice = choice.voice(text)
    lonely = {"only"} if len(told) == 1 else {"few"} if len(told) <= 3 else {"many"}
    return [
        replace(
            c,
            signs=c.signs
            | lonely
            | {f"voice {voice}"}
            | {f"{voice}: {sign}" for sign in c.signs & _TOLD_BY}
            | ({"largest"} if c.number == most else set())
            | ({"said twice"} if values[c.number] > 1 else set()),
        )
        for c in told
    ]


def _part(candidate: Candidate) -> Candidate:
    """One number of a list that is added up."""
    return replace(candidate, signs=candidate.signs - {"rule"} | {"part of a list"})


def _listed(
    text: str, found: Sequence[Quantity], pieces: list[Clause], title_end: int, told: list[Candidate]
) -> list[Candidate]:
    """十一个老师两个保育员一个厨师, and persons with a sum each, as one number."""
    lists = [(*each, "added up") for each in listed.by_kind(text, found)]
    lists += [(*each, "by name") for each in listed.by_name(text, found)]
    sums = []
    for number, start, end, how in lists:
        if any(c.number == number and start <= c.start < end for c in told):
            continue
        index = covering(pieces, start)
        signs = _near(text, pieces, index, start) | _where(text, Quantity(float(number), start, end), title_end)
        signs |= {"noun staff", how} | ({"rule"} if signs & _OF_PAY else set())
        sums.append(Candidate(number, start, end, frozenset(signs)))
    return sums


def _candidate(
    text: str, quantity: Quantity, pieces: list[Clause], title_end: int, seen: choice.Seen
) -> Candidate | None:
    if (
        quantity.value < 2
        or quantity.value != int(quantity.value)
        or text[quantity.start - 1 : quantity.start] == "第"  # 第三人龙某某
        or _OF_A_CASE.search(text[max(0, quantity.start - 8) : quantity.start])
    ):
        return None
    counted = _COUNTED.match(text, quantity.end)
    match = counted or _BARE.match(text, quantity.end)
    if match is None and not _COUNT_SAID.search(text, max(0, quantity.start - 14), quantity.start):
        return None  # most numbers of a text count no people
    index = covering(pieces, quantity.start)
    before = text[max(pieces[index].start, quantity.start - 14) : quantity.start]
    subject = _SUBJECT.search(before)
    if match is None and subject and subject.lastgroup == "count":
        match = _NUMBER_ONLY.match(text, quantity.end)
    if (
        match is None
        or _IS_MONEY.search(text[quantity.start : quantity.end])
        or (not counted and not subject and not _person(text, match) and not _bare_speaks(text, match.end()))
    ):
        return None
    if _OPPONENTS.match(text, quantity.end) or (not counted and _OPPONENTS.match(text, match.end())):
        return None  # 三名包工头卷走民工工钱
    if quantity.value > 100 and _SPOKEN_SUM.search(text, quantity.start, quantity.end):
        return None  # 男工二百四女工一百八
    if counted and _STRANGERS.search(counted["between"] or ""):
        return None
    signs = _near(text, pieces, index, quantity.start) | _around(text, before, match, subject, counted)
    last, following = pieces[index - 1].text if index else "", pieces[index + 1].text if index + 1 < len(pieces) else ""
    rest = text[match.end() : max(match.end(), pieces[index].end)][:24]
    signs |= seen.around({"before": before, "after": rest, "last": last[-24:], "next": following[:24]})
    signs |= _where(text, quantity, title_end)
    if _by_rule(signs):
        signs.add("rule")
    signs |= {f"{size}, {said}" for size in signs & _SIZES for said in signs & _SAID}
    wider = text[max(0, quantity.start - 22) : quantity.start]
    more = (
        1
        if _WITH_ME.search(before)
        or (not quantity.vague and _BESIDE_ME.search(wider))
        or _LIKE_ME.match(text, match.end())
        else 0
    )
    return Candidate(int(quantity.value) + more, quantity.start, match.end(), frozenset(signs))


def _by_rule(signs: set[str]) -> bool:
    """What the plain rule says: people counted near two of wages, a debt and our own."""
    if signs & {"before enlisted", "before sent", "then no", "not workers", "others"}:
        return False
    if "we are" in signs or {"then unpaid", "unpaid them"} <= signs:
        return True
    ours = signs & {"before we", "after we", "after total", "then pay"}
    working = {"before we", "then works"} <= signs
    pay, debt = signs & {"clause wage", "near wage"}, signs & {"clause debt", "near debt", "clause claim", "near claim"}
    return sum(bool(each) for each in (pay, debt, ours, working)) >= (1 if "short" in signs else 2)


def _person(text: str, match: re.Match[str]) -> bool:
    """27名驾驶员: 名 and 位 count people only, whatever they are called."""
    return text[match.end() - 1] in "名位"


def _bare_speaks(text: str, end: int) -> bool:
    """12个没拿到工资: no noun, but what follows says that people are meant."""
    return bool(
        _LEFT_BARE.search(text, max(0, end - 12), end)
        or _UNPAID_NEXT.match(text, end)
        or _PAY_NEXT.match(text, end)
        or _WORK_NEXT.match(text, end)
    )


def _around(
    text: str, before: str, match: re.Match[str], subject: re.Match[str] | None, counted: re.Match[str] | None
) -> set[str]:
    """Signs of what stands right before and right after the number."""
    end = match.end()
    noun = "head" if counted and counted["head"] else "staff" if counted else "bare"
    signs = {f"noun {noun}"} | ({"a person"} if _person(text, match) else set())
    if subject:
        signs.add(f"after {subject.lastgroup}")
    table = (
        ("we", _WE), ("rest", _REST), ("involved", _INVOLVED), ("enlisted", _ENLISTED), ("staffed", _STAFFED),
        ("sent", _SENT), ("with me", _WITH_ME), ("few", _ONLY_FEW),
    )  # fmt: skip
    signs |= {f"before {name}" for name, pattern in table if pattern.search(before)}
    later = (
        ("no", _AFTER_NO),
        ("pay", _PAY_NEXT),
        ("unpaid", _UNPAID_NEXT),
        ("like me", _LIKE_ME),
        ("works", _WORKS_NEXT),
    )
    signs |= {f"then {name}" for name, pattern in later if pattern.match(text, end)}
    return signs


def _near(text: str, pieces: list[Clause], index: int, position: int) -> set[str]:
    """Signs of the clause, at most WIDE characters to either side, and of its neighbours."""
    clause = pieces[index]
    own = text[max(clause.start, position - WIDE) : min(clause.end, position + WIDE)]
    last, following = pieces[max(0, index - 1) : index], pieces[index + 1 : index + 3]
    around = "，".join([*(piece.text[-WIDE:] for piece in last), own, *(piece.text[:WIDE] for piece in following)])
    signs = set()
    for name, pattern in (("wage", _WAGE), ("debt", _DEBT), ("claim", _CLAIM)):
        if pattern.search(own):
            signs.add(f"clause {name}")
        elif pattern.search(around):
            signs.add(f"near {name}")
    return signs


def _where(text: str, quantity: Quantity, title_end: int) -> set[str]:
    """Signs of the place in the text and of the size of the number."""
    size = len(text)
    signs = {"short" if size <= SHORT else "long" if size > LONG else "middling"}
    if quantity.start < max(title_end, HEADLINE):
        signs.add("early")
    value = quantity.value
    signs.add("pair" if value == 2 else "handful" if value < 10 else "tens" if value < 100 else "hundreds")
    return signs


def _added_up(text: str, listed: list[Candidate]) -> list[Candidate]:
    """九名服务员、两名厨师 and 客房部12人、餐饮部21人、保安5人: what a list of people comes to, beside its parts."""
    sums: list[Candidate] = []
    run: list[Candidate] = []
    for candidate in [*listed, None]:
        between = text[run[-1].end : candidate.start] if candidate and run else ""
        if candidate and run and _NEXT_OF_LIST.fullmatch(between) and not _IN_ALL.search(between):
            run.append(candidate)
            continue
        if len(run) > 1:
            number = sum(part.number for part in run)
            signs = run[0].signs | run[-1].signs | {"added up"}
            sums.append(Candidate(number, run[0].start, run[-1].end, signs))
        run = [candidate] if candidate else []
    return sums


def _summed(text: str, listed: list[Candidate]) -> list[Candidate]:
    """瓦工8个,小工4个: trades counted one by one are added up."""
    kept: list[Candidate] = []
    for candidate in listed:
        last = kept[-1] if kept else None
        if (
            last
            and _JOINED.fullmatch(text[last.end : candidate.start])
            and _TRADE_BEFORE.search(text[max(0, last.start - 6) : last.start])
        ):
            kept[-1] = Candidate(
                last.number + candidate.number, last.start, candidate.end, last.signs | candidate.signs
            )
        else:
            kept.append(candidate)
    return kept
