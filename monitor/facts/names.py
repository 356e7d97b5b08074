"""What is a name of a firm, a school, an office - and what only the word for one. Knows how names are built.

Which of the names owes is the matter of parties.py; how they end, of endings.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from classifiers.tokenizer import word_class, words
from monitor.facts.endings import LOOSE
from monitor.facts.gazetteer import gazetteer
from monitor.facts.surnames import DOUBLE, SINGLE, word_list

_NAME = r"[\u4e00-\u9fa5A-Za-z0-9·（）()&]"
_BEFORE = re.compile(rf"{_NAME}{{1,24}}$")
STOPS, WEAK_STOPS, FIRST_STOPS = word_list("stops"), word_list("weak_stops"), word_list("first_stops")
_TRADES = word_list("trade_words")
_OF_SPEECH = frozenset(("v", "vd", "d", "p", "c", "r", "u", "y", "i", "e", "o"))  # jieba's classes
_KINDS = word_list("kind_words")
_PROPER = frozenset(("nr", "ns", "nz", "nt", "nrt", "nrfg", "x", "eng", ""))
# stops that no firm is called by: particles, parties of a case, what is done with a firm
_HARD = re.compile(
    r"^.$|[告人方]$|单位|判令|裁决|判决|责令|要求|请求|入职|期间|投诉|举报|反映|拖欠|我们|他们|于$|自己|支付"
)
_FUNCTION = frozenset("的了着过和与及并以后却且但而就都也还便则仍所其之于为把被将让给向从在是有没不说称等使令要会能可")
_PLAIN = frozenset("大小新老旧好坏多少全各某有在的了和与或并及仅按于为被把将使一二三两几个名位家人者们工部份第此该本其")
_LED = re.compile(
    r".{0,10}?(?:入职|就职于?|供职于?|任职于?|品牌|知名|应聘|面试|避雷|网传|黑心企业|黑心|名称[:：]?|"
    r"单位[:：是]|公司[:：是叫])"
)
_DATED = re.compile(r"(?:\d{2,4}年(?:[上下]半年|[底初度])?|\d{1,2}月(?:份|[底初])?|\d{1,2}[日号])+")
_MEASURED = re.compile(r"^[\d一二两三四五六七八九十几多]+(?:[家名位个所间年月日号时天多余]|月份|年度)$")
TOWN_BEFORE = re.compile(r"^[\u4e00-\u9fa5]{2,4}(?:镇|乡|街道|开发区)(?=[\u4e00-\u9fa5]{4})")
REGION = re.compile(
    r"^(?:[\u4e00-\u9fa5A-Z]{1,6}?\d{0,2}(?:[省县镇州乡]|(?<![超门城菜夜集都])市(?!场)|"
    r"(?<![小院园社景矿厂库片灌住校户置])区)|"
    r"^[\u4e00-\u9fa5]{2,4}(?:街道|开发区))+"
)
_NO_FIRM = re.compile(
    r"各|基层|战线|车间|业主|[为把将被让给到出]$|(?:变|当|注册)成$|^(?:踢出|涉事|每个|每名|每|变卖|全资|当天)|\d万"
)
_KIND_OF_FIRM = (
    r"餐馆|大?药房|网咖|影楼|影院|会所|健身房|美容院|理发店|(?:农贸|批发)市场|公墓|陵园|动物园|植物园|养殖场|"
    r"酒家|渔家乐|农家乐|"
    r"公司|集团|学校|医院|工厂|单位|街道(?:办)?|网点|酒店|超市|商场|中学|小学|大学|学院|幼儿园|重工|科技|劳务|"
    r"物流|汽车|传媒|地产|置业|物业|企业|家政|饭店|电站|俱乐部|合作社|工作室|商店|"
    r"战队|剧组|电视台|报社|新能源|火锅|饭店|砖厂|卫生院|养老院|诊所|店|厂|驾校|路桥|建工|速递|村委会|居委会|管委会|"
    r"分公司|项目部|经营部|考场|局|矿"
)
_BAD = r"(?:子|分)?(?:公司|单位|企业|工厂|学校|医院|机构|门店|店|厂|集团)$"
GENERIC = re.compile(
    rf"^(?:[省市县区镇本各总某大小新老原外分子母一两三几多贵我该各]{{0,2}}(?:家|所|个)?"
    r"(?:电竞|战队|体育|配音|教培|直播|搬家|建筑|劳务|保险|上市|分|子|房地产|物业|保安|装修|外包|派遣|装饰|电力|"
    r"科技|网络|快递|工程|房产|物流|招聘|"
    r"中介|互联网|民营|私营|公立|公办|私立|民办|广告|建设|总|母|开发区|"
    r"项目|国有|承建|开发|施工|运输|投资|农业|置业|平台|传媒|教育|人力资源|国企|外资|承包|管理|设计|会计培训|"
    r"培训|职业|技工|实验|中心|电子|食品|服装|鞋|汽车|水泥|制药|药|砖|化工|家具|玩具|造纸|"
    rf"高级|初级|附属|农村|乡镇|乡|县级|公共|社区|教育机构|电信|移动|联通|足球|经纪|小额贷款|包工|别的|其他|"
    rf"上级|主管|工商|税务|人社|劳动|教育|林业|公安|住建|建设|卫健|卫生){{0,2}}(?:有限)?(?:{_KIND_OF_FIRM}))$|"
    rf"^\d+(?:\.\d+)?[千万百余多来]*[块元万]|工钱|血汗钱|^(?:黑心|无良|垃圾|骗子|皮包|空壳|破烂?|坑人的?|多地|"
    rf"旗下|下属|各地|所属|控股|全资){_BAD}|农民工工资|"
    rf"中小学|工资|章$|合同|民工"
)
_TAIL = re.compile(
    rf"(?:股份|有限|责任|{_KIND_OF_FIRM}|建筑|劳务|保险|房产|房地产|物业|保安|装修|装饰|电力|网络|快递|工程|"
    rf"招聘|医疗|广告|建设|施工|运输|投资|农业|平台|教育|人力资源|管理|设计|培训|制造|服务|处理|能源|新能源|绿色|"
    rf"化工|医药|电气|电力设备|技术推广|"
    r"职业|技工|实验|电子|食品|服装|制衣|鞋|水泥|制药|化工|家具|玩具|造纸|机械|设备|实业|担保|咨询|融资|"
    r"投资管理|贸易|商贸|发展|开发|"
    r"文化|信息|技术|环保|农林|国际|第[一二三四五六七八九十]+|[一二三四五六七八九十]+)+$"
)
_OFFICIAL = re.compile(
    r".{2,}有限公司$|人民政府$|^.{2,8}局$|医院$|卫生院$|.{2,}分公司$|.{2,}考场$|^(?:路桥|市政|公交|自来水|电力|"
    r"水务|环卫|"
    r"客运|电信|移动|联通|铁通|烟草|盐业|城投|交投|水投|旅投|国投|文旅|石油|电影|农机|水运|粮油|物资|燃气|供水|"
    r"供销|建筑安装)公司$|信用社$|联社$|^第[一二三四五六七八九十]+.*(?:公司|学校|中学|小学|医院|厂)$|"
    r"中心(?:小学|学校|幼儿园|卫生院)$|"
    r"(?:监狱|党校|电视台|日报社|供销社|执法大队|交警大队|环卫处|环卫所|供电公司|职业中专|福利院|林场|农场|牧场|"
    r"客运站|汽车站|水厂)$"
)  # with the region before it, a name
_PUBLIC = re.compile(
    r"^(?![各某本该上每])(?:[A-Z]\d{0,2}|"
    r"[\u4e00-\u9fa5]{1,8})?[\u4e00-\u9fa5A-Z\d]*?(?:[省市县区镇乡旗州](?:人民)?政府|街道办(?:事处)?|管委会|"
    r"[市县区](?:人民)?法院|检察院|"
    r"(?:图书|文化|博物|体育|档案|展览|美术|科技)馆|(?:体育|活动|游客|行政服务|政务服务)中心)$"
)  # there is one of it in its place
_OFFICE_OF_REGION = re.compile(r"^(?:[A-Z]\d{0,2}|[\u4e00-\u9fa5]{2,4})?[省市县区镇乡].{1,8}(?:局|院|委|所|站|队|校)$")
_BARE_OFFICE = re.compile(r"^(?:.{2}局|.?[新老原旧]公司)$")  # 交通局, 新公司: of which place, of whom?
ONE_OF_MANY = re.compile(
    r"(?<![局第])[一某各](?:家|所|个|些)?[\u4e00-\u9fa5]{0,4}?"
    r"(?:公司|医院|小学|中学|学校|工厂|厂|企业|大学|幼儿园|酒店|俱乐部|餐厅|超市|单位)"
)
_NO_CORE = re.compile(
    r"^(?:[\u4e00-\u9fa5]{0,4}躺|普惠|这个|那个|我们|咱们|我|他们|一个|这家|那家|哪家|有家|某家|一家|刚来|开小|"
    r"开个|读|上|待|入|若|"
    r"位于|违反|应属|拨至|未加|学历|任何|很多|"
    r"许多|正规|大型|小型|三甲(?=医院|公立)|民办|民营|本|附近|本地|外地|当地|同一|同家|整个|见过|报考|考上|国内|"
    r"全国|全市|多家|"
    r"几家|两家|某某|造官|普通|农村(?!信用)|城市(?!信用)|重点|全日制|成人教|网传|被执行人|申请人|乡镇|县级|市级|"
    r"省级|社区|基层)"
)
_MANY_PLACES = re.compile(
    r"^(?:各|所有|大?部分|全[省市县]|[省市县区]|下辖)*(?:乡镇|县区|区县|市县|县级|乡村|城镇|基层)"
)
_HOUSE_OF_PLACE = re.compile(
    r"^(?![我该本全各某这那贵])(?:[A-Z]\d{0,2}|[\u4e00-\u9fa5]{2,3})[市县]医院$"
)  # 望舟市医院: there is one
_ONLY_FIRM = re.compile(
    r"(?:[和对跟与给让把被向找叫称呼]|总)(?:公司|单位|医院|学校|工厂|酒店|银行)$|^(?:集团|[总分子母])+公司$"
)  # 打拼对公司, 集团总公司: whichever firm it is
_OF_PLACE = re.compile(r"^(?P<place>[\u4e00-\u9fa5]{2,3})(?:公司|分公司|医院|超市|酒店|学校)$")
_ABOUT_A_PERSON = re.compile(r"^(?:对象|老板|工头)(?=..)|(?<=...)(?:家里?|手[下里]|那[里边儿]|名下|开|当)$")
_PERSON = re.compile(rf"(?:{'|'.join(DOUBLE)}|[{SINGLE}])[\u4e00-\u9fa5]{{1,2}}")
_BRANCH = re.compile(
    r"^(?:中国|中)?[\u4e00-\u9fa5]{0,6}?(?:铁建|建工|路桥|[工农建中人]行|银行|邮政|电信|移动|联通|电网|石油|"
    r"石化|烟草|人保|人寿|平安|铁[一二三四五六七八九十]+局).{0,8}"
    r"(?:[一二三四五六七八九十]公司|[支分]行|[支分]公司)$"
)  # 中国铁建望舟三公司, 人行青禾县支行
_REGISTERED = re.compile(r"有限(?:责任)?公司|集团|分公司")
AUTHORITY = re.compile(
    r"劳动(?:局|监察|仲裁|保障)|人社局|人力资源(?=局|厅|部|和社|与社|社会)|社保局|监察(?:大队|局)|仲裁|法院|"
    r"公安局|派出所|信访|政府|住建局|"
    r"住房|检察院|纪委|省委|市委|县委(?!党校)|律师|银行|工会|卫健|官方|人民公社|建设局|教育局|财政局"
)
_MEDIA = re.compile(
    r"日报|晚报|新闻|早报|记者|央视|卫视|财经|证券|网讯|周刊|微博|抖音|腾讯|头条|电视台|报社|视频|百度|企查查|天眼查"
)


def whole(text: str, match: re.Match[str], floor: int) -> tuple[str, int]:
    """The suffix found and the name that stands before it, not reaching back over the previous name."""
    head = _BEFORE.search(text[max(floor, match.start() - 24) : match.start()])
    start = match.start() - len(head[0]) if head else match.start()
    return text[start : match.end()], start


def led_up_to(
    text: str, cue: re.Pattern[str], head: re.Pattern[str], reach: int, suffix: int
) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) of what stands right before each `cue`, as `head` reads the `reach` characters before it; not
    reaching back over the previous cue. `suffix` as in `trimmed`."""
    floor = 0
    for match in cue.finditer(text):
        found = head.search(text, max(floor, match.start() - reach), match.start())
        floor = match.end()
        if found is not None:
            yield *trimmed(found[0], found.start(), suffix), match.start()


def trimmed(name: str, start: int, suffix: int, *, registered: bool = False) -> tuple[str, int]:
    """Without what stands before the name: 我在甲木建工 -> 甲木建工. `suffix`: how much of its end is never cut.

    `registered`: a full name of the register of firms, in which verbs stand too: 甲木水处理设备有限公司.
    """
    cut = position = 0
    for word in words(name):
        position += len(word)
        rest = len(name) - position
        if rest < suffix:
            break
        if registered and not (word in STOPS and _HARD.search(word)):
            continue
        if (
            (word in STOPS and not (rest == suffix and word in _TRADES))
            or (word in FIRST_STOPS and cut == position - len(word))
            or _MEASURED.match(word)
            or (rest - suffix >= 2 and in_no_name(word) and _stays_whole(name[position:]))
        ):
            cut = position
    if (led := _LED.match(name, cut)) and len(name) - led.end() - suffix >= 2:
        cut = led.end()
    if dated := _DATED.match(name[cut:-suffix]):
        cut += dated.end()
    opened = max(name.rfind("(", cut), name.rfind("（", cut))
    if opened >= 0 and not re.search(r"[)）]", name[opened:]):
        cut = opened + 1  # 项目(某职业技术学院: the bracket opens before the name
    while cut < len(name) and name[cut] in ")）、·&":
        cut += 1
    return name[cut:], start + cut


def _stays_whole(rest: str) -> bool:
    """Whether what a cut leaves can still be a name: it tells a firm from others, or is an office of its region."""
    return len(core_of(rest)) >= 2 or bool(_OFFICE_OF_REGION.match(rest))


@lru_cache(maxsize=65_536)
def in_no_name(word: str) -> bool:
    """Whether a word is seldom part of a name: a verb, an adverb, a pronoun - but no word for a trade."""
    return word in WEAK_STOPS or (len(word) >= 2 and word not in _TRADES and word_class(word) in _OF_SPEECH)


@lru_cache(maxsize=16_384)
def only_kinds(name: str) -> bool:
    """航运公司, 国营农场, 社会保险: words for a kind of firm, and nothing that tells it from others."""
    return all(word in _KINDS or word in _TRADES for word in words(name))


@lru_cache(maxsize=16_384)
def nameish(name: str) -> bool:
    """Whether a run of words can be a name at all: no verb or adverb in it, and one word that is no common noun."""
    parts = words(name)
    return (
        no_speech(name)
        and bool(parts)
        and parts[-1] not in _FUNCTION
        and any(
            part not in _PLAIN and (len(part) == 1 or part.isascii() or word_class(part) in _PROPER) for part in parts
        )
    )


def _lucky(core: str) -> bool:
    """Whether it is one of the words of good omen that firms like to be called by: 鼎盛, 平安, 锦绣."""
    return len(core) == 2 and core not in _KINDS and core not in _TRADES and word_class(core) in ("a", "z", "an", "b")


def no_speech(name: str) -> bool:
    """Whether there is no verb, adverb or pronoun in it that no name holds."""
    return not any(len(part) >= 2 and in_no_name(part) for part in words(name))


@lru_cache(maxsize=16_384)
def tells_a_firm(name: str) -> bool:
    """False for 该公司, 建筑公司, 一家医院: these could be any firm. An office of a region is told by the region."""
    plain = REGION.sub("", name)
    if _HOUSE_OF_PLACE.match(name) or _BRANCH.match(name) or (len(name) >= 4 and _PUBLIC.match(name)):
        return True
    if name[0] in "本该各我":
        return False
    if plain != name and _OFFICIAL.search(plain) and not (_BARE_OFFICE.match(name) or _MANY_PLACES.match(name)):
        return True
    if len(name) < 3 or len(plain) < 3 or _press(name) or ONE_OF_MANY.search(name) or _NO_CORE.match(plain):
        return False
    if _BARE_OFFICE.match(name) or _MANY_PLACES.match(name) or _ONLY_FIRM.search(name) or of_a_place(plain):
        return False
    core = core_of(name)
    spoken = plain == name and not _REGISTERED.search(name)
    if all(word in _KINDS or word in _TRADES or (spoken and in_no_name(word)) for word in words(name)):
        return False  # 航运公司, 国营农场
    if LOOSE.search(plain) and not (nameish(core) or _lucky(core)):
        return False  # 养老保险, 幼儿教育
    if spoken and all(in_no_name(word) for word in words(core)):
        return False  # 贱卖公司, 允许公司
    return len(core) >= 2 and core not in WEAK_STOPS and not (GENERIC.search(plain) or _NO_FIRM.search(core))


def _press(name: str) -> bool:
    """A paper or a website that reports; its own house (望舟日报社) may owe as any other."""
    return bool(_MEDIA.search(name)) and not name.endswith(("日报社", "晚报社", "电视台", "杂志社", "出版社"))


def of_a_person(name: str) -> bool:
    """Whether it looks like a person's full name, which this product does not keep: 刘德明, 欧阳某, 刘德明手下."""
    return bool(_PERSON.fullmatch(_ABOUT_A_PERSON.sub("", name)))


def of_a_place(name: str) -> bool:
    """南京公司, 河南医院: which of that place?"""
    found = _OF_PLACE.match(name)
    return found is not None and gazetteer().stands_for(found["place"])


@lru_cache(maxsize=16_384)
def core_of(name: str) -> str:
    """What tells a firm from others of its trade: 某县宏达电气有限公司 -> 宏达."""
    return _TAIL.sub("", REGION.sub("", name))
