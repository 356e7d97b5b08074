"""Names of employers and projects: whether one tells debts apart, and whether two mean one. Knows no post."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

NOT_TEXT = re.compile(r"[\W_]+")
LONG = 5  # characters from which a name may be written with a character more or less
ORGANISATION = re.compile(r"(?:有限|责任|股份|集团|公司|分公司|工程|建设|建筑|劳务|实业|贸易)+$")
AREA = re.compile(r"^(?:[\w]{1,6}?(?:自治区|自治州|[省市县区])(?=\w{2}))+")
TELLS_APART = frozenset("一二三四五六七八九十东南西北上下新老甲乙丙丁0123456789")  # 一期 is not 二期
GENERIC = re.compile(
    r"^(?:[某一这那本该我]|有|他们|我们|原来?的?)?(?:[家个]|些)?(?:老板|包工头|工头|公司|企业|工厂|厂家?|厂里|厂子|单位|项目部?|工地|甲方"
    r"|总包|分包|劳务|劳动|施工|建设|开发商|班组|建筑|店|饭店|学校|政府|村委会|村里|领导|财务|中介|平台|小区|楼盘|工程|房地产|地产|物业"
    r"|外卖|快递|物流|保洁|保安|家政|装修|装饰|医院|诊所|酒店|宾馆|餐厅|餐饮|餐馆|火锅|超市|商场|服装|制衣|电子|食品|家具|鞋|砖|玩具"
    r"|幼儿园|幼教|中学|小学|教育|培训|机构|科技|网络|互联网|传媒|直播|俱乐部|球队|剧组|影视|环卫|环保|绿化|园林|运输|货运|出租车|公交"
    r"|驾校|银行|保险|水利|公路|高速|铁路|隧道|桥梁|路桥|市政|电力|煤矿|矿山|矿|养殖|农场|合作社|有限|责任|集团|股份|个体|私人|私营"
    r"|民营|国有|上市|承包|发包|用人|雇佣|相关|主管|负责|被告|原告|房|办公室|部门|局|队|站|场|里|方|商|户|者|的|人)+$"
)


def parts(name: str | None) -> list[str]:
    """The single names in `甲木建工/乙禾劳务`, without those that say nothing."""
    return [part for part in re.split(r"[/、,，;；]", name or "") if specific(part)]


@lru_cache(maxsize=16384)
def specific(name: str | None) -> bool:
    """Whether a name can tell two debts apart."""
    return bool(name) and len(core(name or "")) >= 2 and not GENERIC.match((name or "").strip())


@lru_cache(maxsize=16384)
def core(name: str) -> str:
    """A name without width, spaces, the area before it and the usual endings: 望舟市甲木建工有限公司 -> 甲木建工."""
    plain = plain_name(name)
    short = ORGANISATION.sub("", AREA.sub("", plain))
    return short if len(short) >= 2 and not GENERIC.match(short) else plain


@lru_cache(maxsize=16384)
def plain_name(name: str) -> str:
    """A name without width, spaces and brackets."""
    return NOT_TEXT.sub("", unicodedata.normalize("NFKC", re.sub(r"[(（].*?[)）]", "", name))).lower()


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two written names mean one: equal cores, one in the other (锦禾苑, 锦禾苑三期), or a slip of the pen."""
    return any(_one(a, b) for a in parts(one) for b in parts(other))


def _one(a: str, b: str) -> bool:
    x, y = core(a), core(b)
    if x == y or (min(len(x), len(y)) >= 3 and (x in y or y in x)):
        return True
    p, q = plain_name(a), plain_name(b)
    return (min(len(p), len(q)) >= 4 and (p in q or q in p)) or slip(p, q)


def slip(one: str, other: str) -> bool:
    """Whether long names differ by two characters swapped, or by one or two left out that tell nothing apart."""
    short, long = sorted((one, other), key=len)
    if len(short) < LONG or len(long) - len(short) > 2 or short[0] != long[0] or short[-1] != long[-1]:
        return False
    if len(short) == len(long):
        return Counter(short) == Counter(long) and not TELLS_APART & {
            a for a, b in zip(short, long, strict=True) if a != b
        }
    left = iter(long)
    return all(char in left for char in short) and not TELLS_APART & (Counter(long) - Counter(short)).keys()
