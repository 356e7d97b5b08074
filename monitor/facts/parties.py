"""Who owes: companies, schools, offices and foremen named in a text.

Knows how such names are built and which words betray the debtor. A private person is named by surname and role only
(包工头(姓辛)), for the object is the debt. Knows no register; register.py does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

from classifiers.tokenizer import words
from monitor.facts.clauses import WAGE
from monitor.facts.gazetteer import gazetteer
from monitor.facts.surnames import NO_NAME, SURNAME, word_list

_NAME = r"[\u4e00-\u9fa5A-Za-z0-9·（）()&]"
_SUFFIX = (
    r"[(（]集团[)）](?:股份)?有限公司|(?:股份|集团)?有限(?:责任)?公司(?:[\u4e00-\u9fa5]{2,8}?(?:分公司|经营部|"
    r"项目部))?|[\u4e00-\u9fa5]{0,3}分公司|公司|集团|"
    r"工程局[一二三四五六七八九十]公司|[一二三四五六七八九十]{1,2}局(?:[一二三四五六七八九十]公司)?|"
    r"(?:设计|研究)院|[\u4e00-\u9fa5](?:厂|矿)(?![家商长里区房门子业山工产])|(?:大|火锅|奶茶|餐饮|专卖|加盟|便利|服装|"
    r"理发|蛋糕)店|酒店|宾馆|饭店|餐厅|酒楼|超市|商场|"
    r"医院|卫生院|诊所|医养中心|养老院|(?:实验|职业|技工|武装|民办|双语|培训|驾驶|技术|中心)?学校|小学|中学|"
    r"[一二三四五六七八九十]中(?![国心间学院级])|幼儿园|大学(?!生)|学院|驾校|"
    r"(?:教育|林业|建设|水利|交通|住建|城管|执法|监督管理|房产|卫生|卫健|文化|农业|财政|公安|环卫|园林|自来水|"
    r"邮政|电力|供电|税务|国土(?:资源)?|自然资源|水务|电业|民政|粮食|气象|体育|旅游|广电|公用事业|文物管理|质监|路政)局|卫[计健]委|"
    r"协会|商会|监狱|(?<=信用)(?:合作)?联社|信用社|管委会|村委会|居委会|街道办(?:事处)?|街道(?=拖|欠|社区|聘|临聘|不|[，。]|$)|俱乐部|足球队|战队|"
    r"(?<=[\u4e00-\u9fa5]{2})(?<![区县市省])教育(?=今天|昨天|把|欠|拖|没|已|老板|公司|员工|机构|[一二三四五六七八九十\d])|"
    r"(?:租赁|加油|收购|服务|推广)站|(?:管理|征费管理|养护|服务|环卫|公路)(?:处|中心|站|所)|剧团|艺术团|物业|"
    r"(?:砂石|采石|养殖|林|农|牧|停车|洗车|屠宰|施工|种植)场|果园|茶园|农庄|农家乐|洗浴中心|足浴|网吧|KTV|客栈|饭庄|烧烤|书店|供销社|"
    r"(?:托管|培训|服务|疾控|融媒体|卫生服务|购物|会展|美容|康复)中心|职校|党校|中心校|敬老院|福利院|护理院|卫生室|殡仪馆|"
    r"(?:供电|派出|环卫|水管|财政)所|(?:粮|水管|收费|林业|水文|搅拌|环卫|变电)站|水电站|电站|支行|银行|储蓄所|"
    r"(?:施工|建筑|工程|劳务|装修|救援|车)队|(?:足球|篮球|青年)?队(?=拖欠|欠薪|欠)|项目部|营业(?:点|部)|"
    r"网点|站点|健身(?:房|中心|馆)?(?=[的把欠拖不没压押老教员，,。]|$)|度假村|面包坊|汽修厂?|影城|影院|会所|美容院|理发店|药店|月子中心|托管班|口腔|"
    r"(?:人民)?政府(?=拖?欠|不[给发]|没[给发])|合作社|剧组|工作室|报社|电视台|经营部|考场|砖厂|"
    r"(?:重工|建工(?![地程作])|建设(?=[欠拖把不没压押]|一直|的(?:包工头|老板))|装饰(?=[欠拖把不没压押干]|一直)|速运|快运|路桥|置业|传媒|科技|汽车|地产|劳务|家政(?!策)|速递|物流|新能源|火锅|服饰|医药|电路板|化工|药业|"
    r"电气|机械|生物|实业|矿业|航空|能源|水务|铝业|钢铁)(?![\u4e00-\u9fa5]{0,6}(?:有限|公司|集团|学校|医院|厂|"
    r"局)|派遣|纠纷|关系|合同|费|程|园)"
)
# the characters an ending can begin with, so that most places of a text cost one look; a new ending may need one more
_BEGINS = (
    r"(?=[(（K一七三专中九书二五交人会信传住供便俱停健储党八公六养农协分剧加劳化医十卫双变口合商四园国地城培大奶学实客家宾小居屠工幼度康建影"
    r"广征快战质体房托执技护报推搅支收政救文教敬文新施旅月有服机村林果税武殡民气水汽洗派火烧牧物环理生电疾监联矿砂研砖福种科租站管篮粮经网置美考职股能自"
    r"自航艺茶药营蛋融街装设诊财购超足路车速邮酒采重钢铝银队集青面项餐饭驾]|.[厂矿]|.{0,3}分公)"
)
ENDING = rf"(?:{_SUFFIX})(?![\u4e00-\u9fa5]{{0,1}}(?:法》|条例))"
ORGANISATION = re.compile(_BEGINS + ENDING)
_BEFORE = re.compile(rf"{_NAME}{{1,24}}$")
STOPS, WEAK_STOPS, _FIRST_STOPS = word_list("stops"), word_list("weak_stops"), word_list("first_stops")
_LED = re.compile(
    r".{0,10}?(?:入职|就职于?|供职于?|任职于?|品牌|知名|应聘|面试|避雷|黑心企业|黑心|名称[:：]?|单位[:：是]|公司[:：是叫])"
)
_MEASURED = re.compile(r"^[\d一二两三四五六七八九十几多]+(?:[家名位个所间年月日号时天多余]|月份|年度)$")
_TOWN_BEFORE = re.compile(r"^[\u4e00-\u9fa5]{2,4}(?:镇|乡|街道|开发区)(?=[\u4e00-\u9fa5]{4})")
REGION = re.compile(
    r"^(?:[\u4e00-\u9fa5A-Z]{1,6}?\d{0,2}(?:[省县镇州乡]|(?<![超门城菜夜集都])市(?!场)|(?<![小院园社景矿厂库片灌住校])区)|"
    r"^[\u4e00-\u9fa5]{2,4}(?:街道|开发区))+"
)
_NO_FIRM = re.compile(
    r"各|基层|战线|[为把将被让给到出]$|(?:变|当|注册)成$|^(?:踢出|涉事|每个|每名|每|变卖|全资|当天)|\d万"
)
_KIND_OF_FIRM = (
    r"公司|集团|学校|医院|工厂|单位|街道(?:办)?|网点|酒店|超市|商场|中学|小学|大学|学院|幼儿园|重工|科技|劳务|"
    r"物流|汽车|传媒|地产|置业|物业|企业|家政|饭店|电站|俱乐部|合作社|工作室|商店|"
    r"剧组|电视台|报社|新能源|火锅|饭店|砖厂|卫生院|养老院|诊所|店|厂|驾校|路桥|建工|速递|村委会|居委会|管委会|"
    r"分公司|项目部|经营部|考场|局|矿"
)
GENERIC = re.compile(
    rf"^(?:[省市县区镇本各总某大小新老原外分子母一两三几多贵我该各]{{0,2}}(?:家|所|个)?"
    r"(?:配音|教培|直播|搬家|建筑|劳务|保险|上市|分|子|房地产|物业|保安|装修|外包|派遣|装饰|电力|科技|网络|快递|工程|房产|物流|招聘|"
    r"中介|互联网|民营|私营|公立|公办|私立|民办|广告|建设|总|母|开发区|"
    r"项目|国有|承建|开发|施工|运输|投资|农业|置业|平台|传媒|教育|人力资源|国企|外资|承包|管理|设计|会计培训|"
    r"培训|职业|技工|实验|中心|电子|食品|服装|鞋|汽车|水泥|制药|药|砖|化工|家具|玩具|造纸|"
    rf"高级|初级|附属|农村|乡镇|乡|县级|公共|社区|教育机构|电信|移动|联通|足球|经纪|小额贷款|包工|别的|其他|"
    rf"上级|主管|工商|税务|人社|劳动|教育|林业|公安|住建|建设|卫健|卫生){{0,2}}(?:有限)?(?:{_KIND_OF_FIRM}))$|"
    rf"农民工工资|中小学|工资|章$|合同|民工"
)
_TAIL = re.compile(
    rf"(?:股份|有限|责任|{_KIND_OF_FIRM}|建筑|劳务|保险|房产|房地产|物业|保安|装修|装饰|电力|网络|快递|工程|"
    rf"招聘|医疗|广告|建设|施工|运输|投资|农业|平台|教育|人力资源|管理|设计|培训|制造|服务|处理|能源|新能源|绿色|"
    rf"化工|医药|电气|电力设备|技术推广|"
    r"职业|技工|实验|电子|食品|服装|制衣|鞋|水泥|制药|化工|家具|玩具|造纸|机械|设备|实业|担保|咨询|融资|投资管理|贸易|商贸|发展|开发|"
    r"文化|信息|技术|环保|农林|国际|第[一二三四五六七八九十]+|[一二三四五六七八九十]+)+$"
)
_OFFICIAL = re.compile(
    r".{2,}有限公司$|人民政府$|^.{2,8}局$|医院$|卫生院$|.{2,}分公司$|.{2,}考场$|^(?:路桥|市政|公交|自来水|电力|水务|环卫|"
    r"客运|电信|移动|联通|铁通|烟草|盐业|石油|电影|农机|水运|粮油|物资|燃气|供水|供销|建筑安装)公司$|信用社$|联社$"
)  # with the region before it, a name
_BARE_OFFICE = re.compile(r"^(?:.{2}局|.?[新老原旧]公司)$")  # 交通局, 新公司: of which place, of whom?
ONE_OF_MANY = re.compile(
    r"(?<![局第])[一某各](?:家|所|个|些)?[\u4e00-\u9fa5]{0,4}?"
    r"(?:公司|医院|小学|中学|学校|工厂|厂|企业|大学|幼儿园|酒店|俱乐部|餐厅|超市|单位)"
)
_NO_CORE = re.compile(
    r"^(?:这个|那个|我们|咱们|我|他们|一个|这家|那家|哪家|有家|某家|一家|刚来|开小|开个|读|上|待|入|若|位于|违反|应属|拨至|未加|学历|任何|很多|"
    r"许多|正规|大型|小型|三甲|民办|民营|附近|本地|外地|当地|同一|同家|整个|见过|报考|考上|国内|全国|全市|多家|"
    r"几家|两家|某某|造官|普通|农村(?!信用)|城市(?!信用)|重点|全日制|成人教|网传|被执行人|申请人|乡镇|县级|市级|省级|社区|基层)"
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
_TREATED = re.compile(
    r"^(?:门诊|急诊|骨科|外科)?(?:住院|治疗|医治|抢救|急救|进行|手术|检查|就诊|就医|缝|诊断|拍片|鉴定|照)"
)
_FIRM_END = re.compile(r"(?:股份|集团)?(?:有限)?(?:责任)?(?:公司|集团)$")
AUTHORITY = re.compile(
    r"劳动(?:局|监察|仲裁|保障)|人社局|人力资源|社保局|监察(?:大队|局)|仲裁|法院|公安局|派出所|信访|政府|住建局|"
    r"住房|检察院|纪委|省委|市委|县委|律师|银行|工会|卫健|官方|人民公社|建设局|教育局|财政局"
)
_MEDIA = re.compile(
    r"日报|晚报|新闻|早报|记者|央视|卫视|财经|证券|网讯|周刊|微博|抖音|腾讯|头条|电视台|报社|视频|百度|企查查|天眼查"
)
_OWES = re.compile(
    rf"^(?:的?(?:老板|负责人|领导|校方|校长|项目部|总经理|法人))?(?![^，。]{{0,3}}(?:没有发生|回应|"
    rf"否认))[^，。！？\n]{{0,9}}?(?:拖欠|欠薪|欠|克扣|扣|不发|没发|未发|不给|没给|迟迟|停发|不付|未付|未支付|"
    rf"没有发|拖着|押|没结|不结|拒不|欠发|少发|违反劳动法)"
    rf"|^[^，。！？\n]{{0,12}}(?:{WAGE})[^，。！？\n]{{0,8}}(?:没|未|不|拖|欠)|^(?:应当?|立即|未|一直)?(?:支付|"
    rf"向原告)"
)
_FIRM_INSIDE = re.compile(r"公司|局|集团|路桥|建工|建设|劳务")
_OWES_ITSELF = re.compile(r"^(?:、[\u4e00-\u9fa5]{2,4}局)?(?:长期|一直|至今|恶意)?(?:拖欠|欠|克扣|不发|没发|不给)")
_BUILDS = re.compile(r"^(?:承建|承包|总承包|分包|中标)")
_SITE_AFTER = re.compile(
    r"^(?:的)?(?:新院区|教学楼|综合楼|宿舍楼|住院楼|扩建|改建|改造|厂房|二期|三期)?(?:工地|项目(?!经理|部)|工程(?!师|队|款)|楼盘)|"
    r"^(?:新院区|教学楼|综合楼|宿舍楼|住院楼|工程的)"
)
_DEVELOPS = re.compile(r"^(?:开发|投资开发|的楼盘)")
_NEWS = re.compile(r"^(?:被曝|被指|回应|宣布|疑似|大规模|承认|否认|突然|员工|门口|多地|停工|倒闭|破产|官方|骑手|被)")
_WORKS_AT = re.compile(r"(?:在|到|去|进|来|于|入职|就职于|供职|是|我们|为|给|帮|跟)[^，。！？\n]{0,6}$")
_MEMBER = re.compile(r"(?:我|我们|本人)(?:曾)?(?:是|系|原是|在|于|为)$")
_MEMBER_AFTER = re.compile(
    r"^的?(?:一名|一位|一个|全体|在职|普通|离职|财务)?(?:员工|职工|工人|老师|教师|电工|人员|司机|护士|医生|保安|民工)"
)
_AT = re.compile(r"(?:在|到|去|进|于|至|由|为|系)(?:位于)?$")
_AT_WORK = re.compile(
    r"^(?:的)?(?:正式|开始|一直|兼职|实习)?(?:工作(?!人员|组|的?时)|上班|任职|就职|打工|做事|干活|从事|担任|开车|实习|"
    r"当(?:保安|保洁|老师|教师|司机|会计|门卫)|务工|任教|代课|服务了|做(?:保安|保洁|门卫|厨师)|的?(?:下岗|内退|退休|在职|离职|原)?(?:职工|员工)(?=[，。,、]|$))"
)
_HIRED = re.compile(
    r"^(?:聘请|聘用|聘为|聘任|招聘|招用|录用|录取|雇|辞退|解聘|开除|招工|建立(?:事实)?劳动|签订|签了|签的|劳动合同|解除)"
)
_ITS_OWN = re.compile(r"^(?:聘请|聘用|招聘|雇佣|招录|招收)的")
_WITH = re.compile(r"(?:与|和|跟|被|由|受|经)$")
_TREATS = re.compile(
    r"^(?:的?(?:领导|老板|负责人|院方|校方))?(?:长期|一直|至今|公然|非法|违法|无故|擅自|单方面?|强行|恶意|经常|仍然|明知|既)*"
    r"(?:不与|未与|没有?与|不和|没和|不给|未给|没给|没有给|不为|未为|不签|未签|没有签|未依法|不缴|未缴|不交|欠缴|欠交|强制|强迫|逼|要求员工|"
    r"辞退|开除|裁|解聘|违反|侵害|侵犯|剥夺|压榨|剥削|欺骗|欺压|歧视|非法用工|乱扣|罚|降薪|拒付|拒绝|收取|降低|安排|毁约)"
)
_ONE_NAME = re.compile(r"(?![欠拖扣老员职工的与和在被将把、])[\u4e00-\u9fa5A-Z0-9]{0,8}")
_FORMERLY = re.compile(r"[(（](?:原|前身|曾用名)[^()（）]{0,6}$")
_COMPLAINS = re.compile(r"(?:投诉|举报|反映|控告|关于|揭露|避雷|曝光|起诉)[^，。！？\n]{0,6}$")
_DEFENDANT = re.compile(
    r"(?:被告|被申请人|被上诉人|判令|责令|用人单位|施工单位|承建|承包|总包|分包|"
    r"劳务(?:公司)?)[^，。！？\n]{0,4}[:：为是]?$"
)
_OWNER = re.compile(r"(?:建设单位|业主|开发商|甲方|监理|发包|开发|供|租给)[^，。！？\n]{0,4}[:：为是]?$")
_FOREMAN = re.compile(
    r"(?P<role>包工头|工头|老板|班组长|承包人|带班的?|承包商)(?:叫|是|名叫|为)?(?:姓(?P<a>[\u4e00-\u9fa5])|"
    rf"(?P<full>(?P<b>{SURNAME})(?:某+|总|[\u4e00-\u9fa5]{{1,2}}))(?=[，。,\s欠拖不没跑让说承拒失躲一也就都给把带卷还现至]|$)|老(?P<c>{SURNAME})(?=[，。,\s欠拖不没跑让说拒给把]))|"
    r"姓(?P<d>[\u4e00-\u9fa5])的(?P<role2>包工头|工头|老板)"
)
_HIRER = re.compile(r"(?:给|帮|替)[^，。,！？\n]{0,6}?(?P<who>老[\u4e00-\u9fa5])家")


LEAST, SURE = 1.0, 2.5  # what must speak for a name at all, and before a foreman named as debtor


@dataclass(frozen=True, slots=True)
class Named:
    """A name found, where, and how much speaks for it."""

    name: str
    start: int
    end: int
    weight: float


def organisations(text: str, title_end: int) -> dict[str, Named]:
    """The organisations of a text that may owe, by name."""
    merged: dict[str, Named] = {}
    floor, matches = 0, list(ORGANISATION.finditer(text))
    for match, following in zip_longest(matches, matches[1:]):
        if following and _runs_on(text[match.end() : following.start()], match[0]):
            continue  # 甲木集团乙禾公司: one name
        named = _organisation(text, match, floor, title_end)
        floor = match.end()
        if named is None:
            continue
        held = merged.get(named.name)
        merged[named.name] = (
            named if held is None else Named(held.name, held.start, held.end, max(held.weight, named.weight) + 0.4)
        )
    return merged


def _runs_on(between: str, ending: str) -> bool:
    """Whether a name goes on into the next: a group and its firm, a firm and its branch."""
    return (
        ending.endswith(("集团", "公司"))
        and len(between) <= 8
        and bool(_ONE_NAME.fullmatch(between))
        and not (set(words(between)) & (STOPS | WEAK_STOPS | _FIRST_STOPS))
    )


def in_full(best: Named, others: list[Named]) -> Named:
    """The longest form of the best name that the text gives: 华剑公司 -> 华剑置业有限公司."""
    core = _FIRM_END.sub("", REGION.sub("", best.name))
    if len(core) < 2 or len(_core(best.name)) < 2:
        return best
    longer = [n for n in others if core in n.name and n.name.endswith("公司") and len(n.name) > len(best.name)]
    return max(longer, key=lambda n: n.weight) if longer else best


def whole(text: str, match: re.Match[str], floor: int) -> tuple[str, int]:
    """The suffix found and the name that stands before it, not reaching back over the previous name."""
    head = _BEFORE.search(text[max(floor, match.start() - 24) : match.start()])
    start = match.start() - len(head[0]) if head else match.start()
    return text[start : match.end()], start


def _organisation(text: str, match: re.Match[str], floor: int, title_end: int) -> Named | None:
    name, start = trimmed(*whole(text, match, floor), len(match[0]))
    if len(name) <= len(match[0]) or not _tells_a_firm(name):
        return None
    inner = _TOWN_BEFORE.sub("", name)
    if inner != name and len(_core(inner)) >= 2 and len(inner) >= 4:
        name, start = inner, start + len(name) - len(inner)  # 柳溪镇甲木建工 is 甲木建工
    weight = weigh(text, name, start, match.end(), title_end)
    return Named(name, start, match.end(), weight) if weight >= LEAST else None


def weigh(text: str, name: str, start: int, end: int, title_end: int) -> float:
    """How much the words around a name speak for its owing: 1 where they say nothing, less for somebody else."""
    before = text[max(0, start - 12) : start].rstrip("「“\"'")
    after = text[end : end + 24].lstrip("」”\"'")
    weight = 1.0 + (1.5 if start < title_end else 0.0) + (0.5 if name.endswith(("公司", "厂")) else 0.0)
    site = bool(_SITE_AFTER.match(after))
    owes = not site and bool(_OWES.match(after))
    weight += 3 if owes else 0
    weight += 1.5 if _WORKS_AT.search(before) else 0
    member = bool(
        _MEMBER.search(before)
        or _MEMBER_AFTER.match(after)
        or (_AT.search(before) and _AT_WORK.match(after))
        or (_WITH.search(before) and _HIRED.match(after))
        or before.endswith("入职")
        or _ITS_OWN.match(after)
    )
    weight += 2.5 if member else 1.5 if _TREATS.match(after) else 0
    weight += 1.5 if _BUILDS.match(after) else 0
    weight -= 1.5 if _DEVELOPS.match(after) else 0
    weight += 1.5 if _COMPLAINS.search(before) else 0
    weight += 2 if _DEFENDANT.search(before) else 0
    weight -= 1.5 if _OWNER.search(before) else 0
    weight -= 2 if _FORMERLY.search(before) else 0
    weight -= 3 if site or _TREATED.match(after) else 0
    weight -= 2.5 if name.endswith("项目部") and not _FIRM_INSIDE.search(name) else 0
    weight += 2 if start < title_end and _NEWS.match(after) else 0
    if AUTHORITY.search(name):
        weight -= 1.0 if member or (owes and _OWES_ITSELF.match(after)) else 6
    return weight


def trimmed(name: str, start: int, suffix: int) -> tuple[str, int]:
    """Without what stands before the name: 我在甲木建工 -> 甲木建工. `suffix`: how much of its end is never cut."""
    cut = position = 0
    for word in words(name):
        position += len(word)
        rest = len(name) - position
        if rest < suffix:
            break
        if (
            word in STOPS
            or (word in _FIRST_STOPS and cut == position - len(word))
            or _MEASURED.match(word)
            or (word in WEAK_STOPS and rest - suffix >= 2 and len(_core(name[position:])) >= 2)
        ):
            cut = position
    if (led := _LED.match(name, cut)) and len(name) - led.end() - suffix >= 2:
        cut = led.end()
    opened = max(name.rfind("(", cut), name.rfind("（", cut))
    if opened >= 0 and not re.search(r"[)）]", name[opened:]):
        cut = opened + 1  # 项目(某职业技术学院: the bracket opens before the name
    while cut < len(name) and name[cut] in ")）、·&":
        cut += 1
    return name[cut:], start + cut


def _tells_a_firm(name: str) -> bool:
    """False for 该公司, 建筑公司, 一家医院: these could be any firm. An office of a region is told by the region."""
    plain = REGION.sub("", name)
    if _HOUSE_OF_PLACE.match(name):
        return True
    if len(name) < 3 or len(plain) < 3 or _MEDIA.search(name) or ONE_OF_MANY.search(name) or _NO_CORE.match(plain):
        return False
    if _BARE_OFFICE.match(name) or _MANY_PLACES.match(name) or _ONLY_FIRM.search(name) or of_a_place(plain):
        return False
    if plain != name and _OFFICIAL.search(plain):
        return True
    core = _core(name)
    return len(core) >= 2 and core not in WEAK_STOPS and not (GENERIC.search(plain) or _NO_FIRM.search(core))


def of_a_place(name: str) -> bool:
    """南京公司, 河南医院: which of that place?"""
    found = _OF_PLACE.match(name)
    return found is not None and gazetteer().stands_for(found["place"])


def _core(name: str) -> str:
    """What tells a firm from others of its trade: 某县宏达电气有限公司 -> 宏达."""
    return _TAIL.sub("", REGION.sub("", name))


def foreman(text: str) -> Named | None:
    """包工头(姓辛), 个人(老李): a private debtor by role and surname, the given name left out."""
    for match in _FOREMAN.finditer(text):
        if match["full"] and NO_NAME.search(match["full"]):
            continue
        role, surname = match["role"] or match["role2"], match["a"] or match["b"] or match["c"] or match["d"]
        return Named(f"{role}(姓{surname})", match.start(), match.end(), 1.0)
    if hirer := _HIRER.search(text):
        return Named(f"个人({hirer['who']})", hirer.start("who"), hirer.end("who"), 1.0)
    return None
