"""Who owes: companies, schools, offices and foremen named in a text.

Knows how such names are built and which words betray the debtor. A private person is named by surname and role only
(包工头(姓辛)), for the object is the debt. Knows no register; register.py does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from classifiers.tokenizer import words
from monitor.facts.clauses import WAGE
from monitor.facts.surnames import NO_NAME, SURNAME, word_list

_NAME = r"[\u4e00-\u9fa5A-Za-z0-9·（）()&]"
_SUFFIX = (
    r"[(（]集团[)）](?:股份)?有限公司|(?:股份|集团)?有限(?:责任)?公司(?:[\u4e00-\u9fa5]{2,8}?(?:分公司|经营部|"
    r"项目部))?|[\u4e00-\u9fa5]{0,3}分公司|公司|集团|"
    r"工程局[一二三四五六七八九十]公司|[一二三四五六七八九十]{1,2}局(?:[一二三四五六七八九十]公司)?|"
    r"(?:设计|研究)院|[\u4e00-\u9fa5](?:厂|矿)(?![家商长里区房门子])|(?:大|火锅|奶茶|餐饮|专卖|加盟|便利|服装|"
    r"理发|蛋糕)店|酒店|宾馆|饭店|餐厅|酒楼|超市|商场|"
    r"医院|卫生院|诊所|医养中心|养老院|(?:实验|职业|技工|武装|民办|双语|培训|驾驶|技术|中心)?学校|小学|中学|"
    r"[一二三四五六七八九十]中(?![国心间学])|幼儿园|大学(?!生)|学院|驾校|"
    r"(?:教育|林业|建设|水利|交通|住建|城管|执法|监督管理|房产|卫生|卫健|文化|农业|财政|公安|环卫|园林|自来水|"
    r"邮政|电力|供电)局|管委会|村委会|居委会|街道办(?:事处)?|街道(?=拖|欠|社区|聘|临聘|不|[，。]|$)|俱乐部|足球队|战队|"
    r"(?<=[\u4e00-\u9fa5]{2})(?<![区县市省])教育(?=今天|昨天|把|欠|拖|没|已|老板|公司|员工|机构|[一二三四五六七八九十\d])|"
    r"(?:租赁|加油|收购|服务|推广)站|(?:管理|征费管理|养护|服务)(?:处|中心|站|所)|剧团|艺术团|物业|"
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
    r"(?=[(（K一七三专中九书二五交人会传住供便俱停健储党八公六养农分剧加劳化医十卫双变口合商四园地城培大奶学实客家宾小居屠工幼度康建影"
    r"征快战房托执技护报推搅支收政救教敬文新施月有服机村林果武殡民水汽洗派火烧牧物环理生电疾监矿砂研砖福种科租站管篮粮经网置美考职股能"
    r"自航艺茶药营蛋融街装设诊财购超足路车速邮酒采重钢铝银队集青面项餐饭驾]|.[厂矿]|.{0,3}分公)"
)
ENDING = rf"(?:{_SUFFIX})(?![\u4e00-\u9fa5]{{0,1}}(?:法》|条例))"
ORGANISATION = re.compile(_BEGINS + ENDING)
_BEFORE = re.compile(rf"{_NAME}{{1,24}}$")
_STOPS, WEAK_STOPS, _FIRST_STOPS = word_list("stops"), word_list("weak_stops"), word_list("first_stops")
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
_GENERIC = re.compile(
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
    r"客运)公司$"
)  # with the region before it, a name
_BARE_OFFICE = re.compile(r"^(?:.{2}局|.?[新老原旧]公司)$")  # 交通局, 新公司: of which place, of whom?
_ONE_OF_MANY = re.compile(
    r"(?<![局第])[一某各](?:家|所|个|些)?[\u4e00-\u9fa5]{0,4}?"
    r"(?:公司|医院|小学|中学|学校|工厂|厂|企业|大学|幼儿园|酒店|俱乐部|餐厅|超市|单位)"
)
_NO_CORE = re.compile(
    r"^(?:这个|那个|我们|咱们|我|他们|一个|这家|那家|哪家|有家|某家|一家|刚来|开小|开个|读|上|待|入|若|位于|违反|应属|拨至|未加|学历|任何|很多|"
    r"许多|正规|大型|小型|三甲|民办|民营|附近|本地|外地|当地|同一|同家|整个|见过|报考|考上|国内|全国|全市|多家|"
    r"几家|两家|某某|造官|普通|农村|城市|重点|乡镇|县级|市级|省级|社区|基层)"
)
_FIRM_END = re.compile(r"(?:股份|集团)?(?:有限)?(?:责任)?(?:公司|集团)$")
_AUTHORITY = re.compile(
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
_BRAND = re.compile(
    r"(?:^|[\n:：「」“”\s])(?:网友|多名员工|当事人|媒体)?(?:曝光?|爆料?)?(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,14}?)"
    r"(?:被(?:曝|指|爆)|因(?:被)?欠薪|\s?(?:已经?|长期|一直|大量|恶意)?(?:拖欠|欠薪)|宣布|公司欠薪|大规模(?:停工)?欠薪|"
    r"回应[\u4e00-\u9fa5]{0,6}欠薪|突然倒闭|(?:老板|创始人)(?:说|跑路|失联)|(?:员工|飞行员|空乘|职工|司机|老师|"
    r"教师)(?:称|辞职|爆料|讨薪|曝|因被欠薪|被欠薪|集体讨薪))"
)
_KINDS_OF_PEOPLE = (
    r"员工|职工|工人|老师|教师|护士|医生|司机|保安|保洁|服务员|厨师|骑手|主播|教练|队员|球员|店员|"
    r"临聘人员|工作人员|业务员|会计|技术员|辅警|网格员"
)
_SAID_OF_ME = re.compile(
    rf"(?:我|我们|本人)(?:曾经?|原来?|现在?|都)?(?:是|系|为|作为)(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{{3,14}}?)的?"
    rf"(?:一名|一位|一个|全体|普通|在职|离职|退休|下岗|老|临时|合同制|后厨|前台)*(?:{_KINDS_OF_PEOPLE})|"
    r"(?:我|本人|我们|曾|一直)在(?P<place>[\u4e00-\u9fa5A-Za-z0-9·]{3,14}?)(?:上班|打工|工作(?!的|期间)|任职|当(?:保安|服务员|厨师|老师|会计|司机|保洁)|做(?:保安|"
    r"服务员|厨师|保洁|销售|会计|客服|收银))"
)
_OF_NOBODY = re.compile(r"各|乡镇|战线|系统|基层")
_SAID_AGAINST = re.compile(
    r"(?:投诉|举报|反映|曝光|控告|避雷|揭露|关于)(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{3,16}?)(?:长期|恶意|一直|无故|随意|非法|违法|多次|"
    r"严重)*(?:拖欠|克扣|欠薪|欠发|不发|扣发|扣押|欠[员工教职民农]|未发|停发|不给)"
)
_NO_PLACE_OF_WORK = re.compile(
    r"工地|项目|工程|[省市县区镇乡村]$|外地|外面|外省|这里|那里|这边|那边|老家|家里|家乡|本地|当地|城里|广东|深圳|上海|北京|浙江|江苏|福建|"
    r"[一某各该这那]家|[一某该这那]个|公司$|单位$|工厂$|学校$|医院$|酒店$|饭店$|企业$|期间|以后|之前|时候|建筑|车间|厂里|店里|他|她|我|老板|包工头|"
    r"大桥|小区|高速|铁路|隧道|楼|战线|系统|基层|各|你们|有关|部门|领导|农民工|民工|工资|政府$|[一二三四五六七八九十\d]+(?:年|月|名|个|天)"
)
_BY_BRAND = re.compile(r"被(?![告曝指爆])(?P<name>[A-Za-z\u4e00-\u9fa5·]{2,8}?)(?:拖欠|欠薪|欠)")
_CONTRACTOR = re.compile(
    r"(?:总包|分包|承包方|劳务方)(?:单位|公司|是)?(?P<name>[\u4e00-\u9fa5]{2,4}?)(?=欠|拖欠|没给|不给|没结|未付|说)"
)
_QUOTED = re.compile(
    r"(?:在|[^\u4e00-\u9fa5]|品牌|公司|企业)[「“](?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,10})[」”](?=[^，。]{0,6}(?:创始人|员工|公司|倒闭|欠薪|拖欠|上班|"
    r"工作|打工|关停|闭店))"
)
_RESPONDS = re.compile(r"(?:如何看待|当事人)?回应(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,8}?)(?:公司)?(?:欠薪|拖欠)")
_NOT_BRAND = re.compile(
    r"^(?:近|全|人均|已|这|我们|该|本|小?包工头|工头|消费者|家长|涉事|男子|女子|老板|公司|企业|工人|农民工|员工|网友|记者|老赖|医院|学校|有人|又有|多名|部分|他们|我们|单位|"
    r"领导|政府|平台|长期|恶意|因|被|仍|还|一直|至今|为何|法院|大量|无故|克扣|或者|国家|遭遇|消费者|事件|官方)|"
    r"原告|被告|告[尚仍拖支共]|^告|支付|判令|[要讨付因应]|(?:工|师|医护|司机|教练|球员|老人|包工头|网友|人员|们|"
    r"被|后|多|工地|项目|工程|标段?|大桥|小区|高速|铁路|隧道|广场|水库|厂房)$|\d+人|[\d一二三四五六七八九十百]+名|\d万|工资|怎么|如何|什么|以来|[年月日]|工友|项目部|[两二三几]包"
)


LEAST, SURE = 1.0, 2.5  # what must speak for a name at all, and before a foreman named as debtor


@dataclass(frozen=True, slots=True)
class Named:
    """A name found, where, and how much speaks for it."""

    name: str
    start: int
    end: int
    weight: float


def debtors(text: str, title_end: int) -> list[Named]:
    """Organisations that may owe, best first; empty where none is named."""
    merged: dict[str, Named] = {}
    floor = 0
    for match in ORGANISATION.finditer(text):
        named = _organisation(text, match, floor, title_end)
        floor = match.end()
        if named is None:
            continue
        held = merged.get(named.name)
        merged[named.name] = (
            named if held is None else Named(held.name, held.start, held.end, max(held.weight, named.weight) + 0.4)
        )
    for brand in _brands(text, title_end):
        merged.setdefault(brand.name, brand)
    ranked = sorted(merged.values(), key=lambda n: (-n.weight, n.start))
    return [_in_full(ranked[0], ranked), *ranked[1:]] if ranked else []


def _in_full(best: Named, others: list[Named]) -> Named:
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
    before = text[max(0, start - 12) : start].rstrip("「“\"'")
    after = text[match.end() : match.end() + 24].lstrip("」”\"'")
    weight = 1.0 + (1.5 if start < title_end else 0.0) + (0.5 if name.endswith(("公司", "厂")) else 0.0)
    site = bool(_SITE_AFTER.match(after))
    owes = not site and bool(_OWES.match(after))
    weight += 3 if owes else 0
    weight += 1.5 if _WORKS_AT.search(before) else 0
    weight += 2.5 if _MEMBER.search(before) or _MEMBER_AFTER.match(after) else 0
    weight += 1.5 if _BUILDS.match(after) else 0
    weight -= 1.5 if _DEVELOPS.match(after) else 0
    weight += 1.5 if _COMPLAINS.search(before) else 0
    weight += 2 if _DEFENDANT.search(before) else 0
    weight -= 1.5 if _OWNER.search(before) else 0
    weight -= 2 if before.endswith(("(原", "（原")) else 0
    weight -= 3 if site else 0
    weight -= 2.5 if name.endswith("项目部") and not _FIRM_INSIDE.search(name) else 0
    weight += 2 if start < title_end and _NEWS.match(after) else 0
    if _AUTHORITY.search(name):
        member = _MEMBER.search(before) or _MEMBER_AFTER.match(after)
        weight -= 1.0 if member or (owes and _OWES_ITSELF.match(after)) else 6
    return Named(name, start, match.end(), weight) if weight >= LEAST else None


def trimmed(name: str, start: int, suffix: int) -> tuple[str, int]:
    """Without what stands before the name: 我在甲木建工 -> 甲木建工. `suffix`: how much of its end is never cut."""
    cut = position = 0
    for word in words(name):
        position += len(word)
        rest = len(name) - position
        if rest < suffix:
            break
        if (
            word in _STOPS
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
    if len(name) < 3 or len(plain) < 3 or _MEDIA.search(name) or _ONE_OF_MANY.search(name) or _NO_CORE.match(plain):
        return False
    if _BARE_OFFICE.match(name):
        return False
    if plain != name and _OFFICIAL.search(plain):
        return True
    core = _core(name)
    return len(core) >= 2 and core not in WEAK_STOPS and not (_GENERIC.search(plain) or _NO_FIRM.search(core))


def _core(name: str) -> str:
    """What tells a firm from others of its trade: 某县宏达电气有限公司 -> 宏达."""
    return _TAIL.sub("", REGION.sub("", name))


def _brands(text: str, title_end: int) -> list[Named]:
    """Names without 公司 or 厂, as headlines give them: X被曝欠薪, 被X欠薪."""
    head = text[: title_end or 60]
    found = []
    for pattern, weight in ((_BRAND, 2.5), (_BY_BRAND, 3.0), (_RESPONDS, 2.5), (_QUOTED, 2.0)):
        for match in pattern.finditer(head):
            name, start = trimmed(match["name"], match.start("name"), 2)
            if (
                len(name) >= 2
                and not (_GENERIC.search(name) or _ONE_OF_MANY.search(name))
                and not _NOT_BRAND.search(name)
                and not _AUTHORITY.search(name)
            ):
                found.append(Named(name, start, match.end("name"), weight + (2.5 if match.end() <= title_end else 0)))
    found += _by_context(text)
    contractors = (m for m in _CONTRACTOR.finditer(text) if not _NOT_BRAND.search(m["name"]))
    found += [Named(m["name"], *m.span("name"), 2.0) for m in contractors if not set(words(m["name"])) & _STOPS]
    return found


def _by_context(text: str) -> list[Named]:
    """Names that no ending betrays: where somebody works, whose worker somebody is, who is accused of not paying."""
    found = []
    for pattern, weight in ((_SAID_OF_ME, 2.0), (_SAID_AGAINST, 2.5)):
        for match in pattern.finditer(text):
            group = match.lastgroup or "name"
            name, start = trimmed(match[group], match.start(group), 2)
            plain = REGION.sub("", name)
            of_name = (_OF_NOBODY, _AUTHORITY, _ONE_OF_MANY, _NOT_BRAND)
            refused = [pattern.search(name) for pattern in of_name]
            refused += [pattern.search(plain) for pattern in (_NO_PLACE_OF_WORK, _GENERIC)]
            if len(plain) >= 2 and len(name) >= 3 and not any(refused):
                found.append(Named(name, start, match.end(group), weight))
    return found


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
