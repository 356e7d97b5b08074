"""Names of employers and projects: whether one tells debts apart, and whether two mean one. Knows no post."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

NOT_TEXT = re.compile(r"[\W_]+")
LONG = 5  # characters from which a name may be written with a character more or less
ORGANISATION = re.compile(r"(?:有限|责任|股份|集团|公司|分公司|工程|建设|建筑|劳务|实业|贸易)+$")
AREA = re.compile(r"^(?:\w{1,6}?(?:自治区|自治州|省|(?<![超城夜菜])市|县|(?<![小园社校厂库景片地])区)(?=\w{2}))+")
SPOKEN = re.compile(r"^(?:网传|网曝|据传|据称|疑似|曝)(?=\w{2})")  # a word of speech that was read as part of a name
TELLS_APART = frozenset("一二三四五六七八九十东南西北上下新老甲乙丙丁0123456789")  # 一期 is not 二期
SAYS_NOTHING = re.compile(
    "包工头|工头|老板|公司|企业|工厂|厂家|厂里|厂子|单位|项目部|项目|工地|甲方|总包|分包|劳务|劳动|施工|建设|开发|班组|建筑|饭店|学校|政府"
    "|村委会|村里|领导|财务|中介|平台|小区|楼盘|工程|房地产|地产|物业|外卖|快递|物流|保洁|保安|家政|装修|装饰|医院|诊所|酒店|宾馆|餐厅"
    "|餐饮|餐馆|火锅|超市|商场|服装|制衣|电子|食品|家具|玩具|幼儿园|中学|小学|教育|培训|机构|科技|网络|互联网|传媒|直播|俱乐部|球队"
    "|剧组|影视|环卫|环保|绿化|园林|运输|货运|出租车|公交|驾校|银行|保险|水利|公路|高速|铁路|隧道|桥梁|路桥|市政|电力|煤矿|矿山|养殖"
    "|农场|合作社|有限|责任|集团|股份|个体|私人|私营|民营|国有|上市|承包|发包|用人|雇佣|相关|主管|负责|被告|原告|办公室|部门|管理|服务"
    "|咨询|投资|发展|贸易|实业|制造|生产|加工|技术|文化|健康|人力资源|信息|数据|材料|机械|化工|设计|策划|广告|旅游|国际|产业园|园区"
    "|社区|花园|家园|广场|公馆|名邸|公寓|别墅|安置房|商品房|住宅|教学楼|办公楼|宿舍|综合楼|大楼|大厦|大桥|厂房|污水处理|卫生院|改造"
    "|扩建|新建|工业|号楼|他们|我们|原来|一家|[一二三四五六七八九十两\\d]+[期标]段?"
)
ONE_MORE = re.compile(r"^[某一这那本该我有原新老]?[的家个些]?|[的厂店局队站场里方商户者人矿房楼栋园苑]+$")
BEFORE = re.compile(
    r"(?:.{0,12}[省市县区镇乡村州路街道]|.{4,}|[如原是系曝]|网传|网曝|告知|被告|投诉|反映|关于|上海|北京|天津|重庆|中国)?"
)
OWN = 2  # characters of its own that a name must have
SHORT_LEAST, WHOLE_LEAST = 3, 4  # characters of a name, in short and whole, by which a text means it


@lru_cache(maxsize=16384)
def parts(name: str | None) -> tuple[str, ...]:
    """The single names in `甲木建工/乙禾劳务`, without those that say nothing."""
    return tuple(part for part in re.split(r"[/、,，;；]", name or "") if specific(part))


@lru_cache(maxsize=16384)
def specific(name: str | None) -> bool:
    """Whether a name can tell two debts apart."""
    return bool(name) and _says(plain_name(name or ""))


def _says(plain: str) -> bool:
    own = SAYS_NOTHING.sub("", plain)
    return len(ONE_MORE.sub("", own)) >= OWN or (len(own) > OWN and bool(ONE_MORE.sub("", own)))


@lru_cache(maxsize=16384)
def core(name: str) -> str:
    """A name without width, spaces, the area before it and the usual endings: 望舟市甲木建工有限公司 -> 甲木建工."""
    plain = SPOKEN.sub("", plain_name(name))
    short = ORGANISATION.sub("", AREA.sub("", plain))
    return short if _says(short) else plain


@lru_cache(maxsize=16384)
def plain_name(name: str) -> str:
    """A name without width, spaces and brackets."""
    return NOT_TEXT.sub("", unicodedata.normalize("NFKC", re.sub(r"[(（].*?[)）]", "", name))).lower()


@lru_cache(maxsize=65536)
def same_name(one: str | None, other: str | None) -> bool:
    """Whether two written names mean one: equal cores, one in the other (锦禾苑, 锦禾苑三期), or a slip of the pen."""
    return any(_one(a, b) for a in parts(one) for b in parts(other))


@lru_cache(maxsize=65536)
def two_names(one: str | None, other: str | None) -> bool:
    """Whether both say something and do not mean one."""
    return specific(one) and specific(other) and not same_name(one, other)


@lru_cache(maxsize=16384)
def spoken_forms(name: str | None) -> tuple[tuple[str, str], ...]:
    """Each single name with the words by which a normal text means it."""
    return tuple((part, form) for part in parts(name) if (form := _spoken(part)))


def _spoken(name: str) -> str:
    """Its short form, or where that is two characters (禾木 of 禾木公司) the whole; empty where that is short too."""
    short, whole = core(name), plain_name(name)
    return short if len(short) >= SHORT_LEAST else whole if len(whole) >= WHOLE_LEAST else ""


def _one(a: str, b: str) -> bool:
    x, y = core(a), core(b)
    p, q = plain_name(a), plain_name(b)
    return x == y or _longer(x, y, least=3) or _longer(p, q, least=4) or slip(p, q)


def _longer(one: str, other: str, *, least: int) -> bool:
    """Whether one name goes on where the other ends, or only has a place or a word of speech before it."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    return len(short) >= least and short in long and bool(BEFORE.fullmatch(long.partition(short)[0]))


def slip(one: str, other: str) -> bool:
    """Whether long names differ by two characters swapped, or by one or two left out that tell nothing apart."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) < LONG or len(long) - len(short) > 2 or short[0] != long[0] or short[-1] != long[-1]:
        return False
    if len(short) == len(long):
        return Counter(short) == Counter(long) and not TELLS_APART & {
            a for a, b in zip(short, long, strict=True) if a != b
        }
    left = iter(long)
    return all(char in left for char in short) and not TELLS_APART & (Counter(long) - Counter(short)).keys()
