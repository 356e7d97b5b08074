"""How many workers are unpaid: 三十多号人, 我们班组18个, 我和我弟. Knows whom a number counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.facts.clauses import DEBT, WAGE, Clause, covering
from monitor.facts.numerals import Quantity
from monitor.facts.surnames import NO_NAME, SURNAME

SHORT, HEADLINE = 240, 80  # characters
MOST = 50_000  # heads in one case; more is a statistic

WORKER = (
    r"农民工|民工|村民|妇女|乡亲|阿姨|大姐|人(?=工资|工钱)|工人|工友|员工|职工|老乡|兄弟|姐妹|师傅|同事|同胞|教师|老师|骑手|派件员|快递员|快递小哥|"
    r"外卖员|司机|保安|保洁员?|"
    r"环卫工|医护人员|医护|护士|医生|学生工|暑假工|临时工|村医|辅警|协警|劳动者|务工人员|务工者|打工者|打工人|"
    r"打工的|工作人员|"
    r"施工人员|服务员|木工|瓦工|钢筋工|泥工|小工|大工|技工|焊工|合同工|临聘人员|聘用人员|退休教师|代课教师|主播|"
    r"演员|群演|球员|"
    r"教练|队员|选手|矿工|船员|厨师|店员|销售员?|业务员|会计|记者|编辑|程序员|工程师|管理人员|班组长|原告|"
    r"人(?!民|大|均|事|力|工|格|次|才|生|社|数|家|口|类|行)"
)
_COUNTED = re.compile(
    r"\s*(?:多|余|来|几)?\s*(?P<measure>个|名|位|口)(?P<between>[^，。,;；、\d\s一二两三四五六七八九十百几]{0,6}?)"
    rf"(?:{WORKER}|[\u4e00-\u9fa5]{{1,2}}工(?![资钱程作地期人友时伤]))|"
    rf"\s*(?:多|余|来|几)?号?(?:{WORKER})"
)
_BARE = re.compile(
    r"\s*(?:多|余|来|几)?(?:个|号|名|位)(?!多?月|多?班|小时|星期|半)(?=[,，。!！?？\s在干做都没一从还等]|[^，。]{0,6}的?(?:工钱|工资)|$)"
)
_BARE_BEFORE = re.compile(r"(?:班组|我们|咱们|俺们|工人|一共|总共|工友|共)(?:有|共|一共|就|这|大概)?$")
_NOT_WORKERS = re.compile(
    r"(?:招聘?|急招|诚聘|限(?!公司|责任)|/|第|前(?![后厅台])|缺|抽|另|超过|全市|全国|全省|惠及|涉及企业|刑拘|抓获|"
    r"处分)[^，。]{0,4}$"
)
_NOT_BETWEEN = re.compile(
    r"电话|没|都|有|孩|领导|老板|法官|干部|女儿|儿子|老人|被执行|记者|律师|包工|家属|证人|保安打|警"
)
_PAIR = re.compile(
    r"我(?:和|跟|与|同)(?:我|俺)?(?:弟|哥|老婆|爱人|妻子|丈夫|老公|爸|妈|父亲|母亲|儿子|对象|姐|妹|同事|朋友|"
    r"工友|老乡)(?!们|等|几|们)|"
    r"我们(?:两口子|夫妻俩?|夫妇|俩|兄弟俩|父子)|夫妻二人|我们两个(?!月)"
)
_SINGULAR = re.compile(
    r"(?:^|[^\u4e00-\u9fa5]|[欠拖扣押给发付结和是叫在让把了着说帮])(?:我(?!们|国|班|组|市|县|区|省|院|校|厂|公司|单位|"
    r"司|局|村|镇|乡|街道|方|等|家)|本人)"
)
_OWED_ME = re.compile(
    r"(?:拖欠|欠|克扣|扣|押|拖|未发|没发|不发|没给|不给|少发)(?:了|着|过)?(?:我|本人)(?!们|国|家|市|县|厂|公司|"
    r"和|跟|与)"
)
_ONE_PERSON = re.compile(
    r"一[名位个]?(?:农民工|民工|工人|建筑工)|(?<![多众数等几])(?:男子|女子|老人|大爷|大妈|大叔|大姐|小伙|女孩|女生|男生|工程师|女高管|外卖员|骑手|女工|"
    r"男工|女司机|教练|选手|足?球员|大学生|老汉|阿姨|快递小哥|外卖小哥|"
    r"(?:演员|歌手|主播|员工)(?=起诉|自曝|发文|发视频|被开除|辞职))(?![们多等数]|集体|代表)"
)
_PLAINTIFF = re.compile(
    rf"原告(?P<a>{SURNAME}[\u4e00-\u9fa5]{{1,2}}?)(?=[，。诉于入自到工受被拖欠、的]|提供|支付)|"
    rf"(?:支付|拖欠|欠付?|补发)(?:给|被告|原告|申请人)?(?P<b>{SURNAME}[\u4e00-\u9fa5某]{{1,2}}?)"
    r"(?:拖欠|\d{4}年[^，。]{0,30}|被拖欠)?的?(?:工资|劳务费|劳动报酬)|"
    rf"(?:^|[^\u4e00-\u9fa5]|对|的|原告|曝)(?P<c>{SURNAME}[\u4e00-\u9fa5]{{1,2}}?)(?:被拖欠|有权要求|被欠薪)|"
    r"(?:拖欠|欠付?|支付|补发)[^，。]{0,4}(?P<d>原告)(?![等们\d\u4e00-\u9fa5]{1,3}[、等])|"
    rf"向(?P<e>{SURNAME}[\u4e00-\u9fa5]{{1,2}}?)支付"
)
_PLURAL = re.compile(
    r"我们|咱们|俺们|大家(?!好)|集体|众人|员工工资|工人工资|农民工工资|民工工资|教师工资|工友们|员工们|同事们|"
    r"老师们|全体|等人|众多|多名|多人|们都|一批|部分|广大|所有(?:员工|教师|老师|职工|工人)|工人们|民工们|很多人|"
    r"几个人|几名|数十|数百|几十|好几个"
)
_OWN = re.compile(
    rf"扣完|只剩|要(?:我|自己)?的?(?:{WAGE})|(?:{DEBT})[^。！？\n]{{0,14}}(?:{WAGE}|钱|\d)|(?:{WAGE}|"
    rf"钱)[^。！？\n]{{0,12}}(?:{DEBT})"
)


_NO_PLAINTIFF = re.compile(rf"{NO_NAME.pattern}|告|公司|班主|员工")
_BEGINS_ALONE = re.compile(r"^[^。！？\n]{0,40}?(?<![和跟与])(?:本人|我(?:是|叫|于|与|在|自|想))(?!们)")
_ME = re.compile(r"我(?![们国市县区省院校厂公司家])|本人")
_WE = re.compile(r"我们|咱们|俺们|等人|大家(?!好)")
_NOT_AFTER = re.compile(r"[^，。]{0,2}(?:下降|护理|规模|编制|见面|到了?[^，。]{0,8}派出所)")
_MONEY_NEXT = re.compile(r"的?(?:工资|工钱|钱|[\d一二两三四五六七八九十]+[万千百])")
_HIRED = re.compile(r"(?:给|帮|替)[^，。！？\n]{0,8}家(?:里)?(?:摘|收|种|盖|装|干|砌|刷|做|带|照)")
_SEVERAL_PLAINTIFFS = re.compile(r"原告等|\d+名原告|原告[^，。]{2,4}、")
_OURS = re.compile(r"我们|咱们|俺们|班组|手底下|工地|老乡|带着?|等|一共|总共|全厂")
_WITH_ME = re.compile(r"我(?:和|跟|与|带着?|带了)(?:其他|另外|其余)?$")
_CLAIMING = re.compile(r"仲裁|投诉|起诉|维权")
_WAGE, _DEBT = re.compile(WAGE), re.compile(DEBT)


@dataclass(frozen=True, slots=True)
class Headcount:
    number: int | None
    span: tuple[int, int] | None = None
    doubt: str = ""


def headcount(text: str, found: Sequence[Quantity], pieces: list[Clause], title_end: int = 0) -> Headcount:
    """The workers unpaid; 1 only where one person speaks of their own pay."""
    weighed = [(how, quantity) for quantity in found if (how := _weighed(text, quantity, pieces))]
    if weighed:
        best = max(weighed, key=lambda pair: (pair[0][0], pair[1].value, -pair[1].start))
        (_, end, more), quantity = best
        if quantity.value > MOST:
            return Headcount(None, None, f"workers: {quantity.value:g} is more than {MOST}")
        return Headcount(int(quantity.value) + more, (quantity.start, end))
    if pair := _PAIR.search(text):
        return Headcount(2, pair.span())
    return _alone(text, title_end)


def _alone(text: str, title_end: int) -> Headcount:
    """1 where one person speaks of their own pay, or the news is of one."""
    owed_me = _OWED_ME.search(text)
    if owed_me and ("本人" in owed_me[0] or not _WE.search(text)):
        return Headcount(1, owed_me.span())
    plaintiff = _PLAINTIFF.search(text)
    if (
        plaintiff
        and not _NO_PLAINTIFF.search(plaintiff[plaintiff.lastgroup or 0].replace("原告", ""))
        and not _SEVERAL_PLAINTIFFS.search(text)
    ):
        return Headcount(1, plaintiff.span())
    if not _WE.search(text) and (hired := _HIRED.search(text)) and _DEBT.search(text):
        return Headcount(1, hired.span())
    body = text[title_end:].lstrip()
    if _speaks_alone(text) and _OWN.search(text) and (alone := _BEGINS_ALONE.search(body)):
        start = text.find(alone[0].strip()[-2:])
        return Headcount(1, (start, start + 2))
    if _PLURAL.search(text) or not _OWN.search(text):
        return Headcount(None)
    single = _SINGULAR.search(text) or _ONE_PERSON.search(text, 0, HEADLINE)
    return Headcount(1, single.span()) if single else Headcount(None)


def _speaks_alone(text: str) -> bool:
    """Whether `I` outweighs `we`: one `our workshop` does not make a crowd."""
    return len(_ME.findall(text)) >= 3 * len(_WE.findall(text))


def _weighed(text: str, quantity: Quantity, pieces: list[Clause]) -> tuple[float, int, int] | None:
    """(how likely the number counts unpaid workers, where the phrase ends, 1 if the writer comes on top) or None."""
    if quantity.value < 1 or quantity.value != int(quantity.value):
        return None
    before = text[max(0, quantity.start - 14) : quantity.start]
    noun = _COUNTED.match(text, quantity.end)
    match = noun or (_BARE.match(text, quantity.end) if _BARE_BEFORE.search(before) else None)
    if match is None or _NOT_WORKERS.search(before) or (noun and _NOT_BETWEEN.search(match[0])):
        return None
    if _NOT_AFTER.match(text, match.end()):
        return None
    if quantity.value == 1:
        return None  # one of many, as a rule; `_alone` knows when it is the writer
    index = covering(pieces, quantity.start)
    near = "，".join(piece.text for piece in pieces[max(0, index - 1) : index + 3])
    weight = 1.0 + (1.0 if _WAGE.search(near) else 0) + (1.0 if _DEBT.search(near) or _CLAIMING.search(near) else 0)
    weight += 1.0 if _OURS.search(before) or _MONEY_NEXT.match(text, match.end()) else 0
    if len(text) <= SHORT:  # in a few lines about unpaid work, people counted are the people unpaid
        weight += 0.5 * bool(_WAGE.search(text) or "钱" in text) + 0.5 * bool(_DEBT.search(text))
    more = 1 if quantity.value > 1 and _WITH_ME.search(before) else 0
    return (weight, match.end(), more) if weight >= 2 else None
