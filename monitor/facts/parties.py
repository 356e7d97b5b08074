"""Who owes, and for which site: companies, schools, foremen and projects named in a text.

Knows how such names are built and which words betray the debtor. A private person is named by surname and role only
(包工头(姓辛)), for the object is the debt. Knows no register; register.py does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.facts.clauses import WAGE

_NAME = r"[\u4e00-\u9fa5A-Za-z0-9·（）()&]"
_SUFFIX = (
    r"(?:股份|集团)?有限(?:责任)?公司(?:[\u4e00-\u9fa5]{2,8}?(?:分公司|经营部|项目部))?|[\u4e00-\u9fa5]{0,3}分公司|公司|集团|"
    r"工程局[一二三四五六七八九十]公司|[一二三四五六七八九十]{1,2}局(?:[一二三四五六七八九十]公司)?|"
    r"(?:设计|研究)院|[\u4e00-\u9fa5](?:厂|矿)(?![家商长里区房门子])|(?:大|火锅|奶茶|餐饮|专卖|加盟|便利|服装|理发|蛋糕)店|酒店|宾馆|饭店|餐厅|酒楼|超市|商场|"
    r"医院|卫生院|诊所|医养中心|养老院|(?:实验|职业|技工|武装|民办|双语|培训|驾驶|技术|中心)?学校|小学|中学|[一二三四五六七八九十]中(?![国心间])|幼儿园|大学(?!生)|学院|驾校|"
    r"(?:教育|林业|建设|水利|交通|住建|城管|执法|监督管理|房产|卫生|卫健|文化|农业|财政|公安|环卫|园林|自来水|邮政|电力|供电)局|管委会|村委会|居委会|街道办(?:事处)?|街道|俱乐部|足球队|战队|"
    r"网点|合作社|剧组|工作室|报社|电视台|电站|经营部|考场|砖厂|"
    r"(?:重工|建工|路桥|置业|传媒|科技|汽车|地产|劳务|家政|速递|物流|新能源|火锅|教育|服饰|水务|铝业|钢铁)(?![\u4e00-\u9fa5]{0,6}(?:有限|公司|集团|学校|医院|厂|局)|派遣|纠纷|关系|合同|费)"
)
_ORG = re.compile(rf"(?:{_SUFFIX})(?![\u4e00-\u9fa5]{{0,1}}(?:法》|条例))")
_BEFORE = re.compile(rf"{_NAME}{{1,24}}$")
_CUT = re.compile(
    r"在|(?<!北)由|被(?!告)|向(?!阳|往|东|荣)|给|找|到(?!家)|去|的|了|欠|让|[邀恳]?请|受|叫|我们|我|你们?|他们?|她|它|该|此|某(?=[\u4e00-\u9fa5]{2})|与|跟|及(?!第)|是|将|"
    r"投诉|举报|反映|关于|控告|求助|咨询|强烈要求|要求|请求|请问|本人|咱们?|俺们?|这家|那家|一家|两家|多家|几家|原告|被告(?:单位)?|被申请人|申请人|上诉人|判令|支付|就职|工作|上班|"
    r"打工|入职|名叫|来自|其中|现有|从(?!化)|因|经(?!济|开|贸|营|纬|典)|委托|承建|承包|开发(?!区|银行)|总包|分包|建设单位|甲方|承建方|开发商|业主|用人单位|总承包|"
    r"老板|曝|求解决|解决|处理|督促|监督(?!管理)|责令|希望|以及|或者?|就(?!业)|还有|还|也|都|说|称|问|查|做|干(?!部|休)|当时|目前|现在|近日|日前|昨日|今天|昨天|今年|去年|"
    r"年|月|日|号|位于|住在|进(?!出|口)|对(?!外)|把|同(?=[\u4e00-\u9fa5]{3})|和(?![平谐润顺美泰兴信为])|为(?!民)|于(?!洪|都|田)|用(?!友)|因为|所以|但是?|而|并|已|又|再|没有?|不|无|有(?!限|色|机|线)|"
    r"属于|隶属|下属|旗下|通过|根据|按照|自从|凭|其|这|那|个(?!体)|全体|员工|职工|工人|民工|农民工|老师|教师|领导|尊敬|书记|市长|县长|厅长|先生|女士|本院认为|事实|拿|要(?!塞)|想|看|靠|帮"
)
_GENERIC = re.compile(
    r"^(?:[省市县区镇本各总某大小新老原外分子母]?(?:公司|集团|学校|医院|工厂|单位|街道|网点|酒店|超市|中学|小学|大学|学院|幼儿园|重工|科技|劳务|物流|汽车|传媒|地产|置业)|"
    r"(?:建筑|劳务|保险|上市|分|子|房地产|物业|保安|装修|外包|派遣|装饰|电力|科技|网络|快递|工程|房产|物流|招聘|中介|互联网|民营|私营|公立|公办|私立|民办|广告|建设|总|母|"
    r"项目|国有|县|承建|开发|施工|运输|投资|农业|置业|平台|传媒|教育|人力资源|国企|外资|承包|管理|设计)?(?:有限)?(?:公司|集团|学校|企业|医院)|农民工工资.*|.*(?:中小学|工资)|"
    r"人社局|劳动局|教育局|公安局|林业局|住建局|县教育局|(?:汽车|电子|食品|鞋|服装|砖|瓦|药|水泥)厂|中小学校?|农村中小学|电大|[0-9]+)$"
)
_AUTHORITY = re.compile(
    r"劳动(?:局|监察|仲裁|保障)|人社局|人力资源|社保局|监察(?:大队|局)|仲裁|法院|公安局|派出所|信访|政府|住建局|住房|检察院|纪委|省委|市委|县委|律师|银行|工会|卫健委|人民公社|建设局|教育局|财政局"
)
_MEDIA = re.compile(
    r"日报|晚报|新闻|早报|记者|央视|卫视|财经|证券|网讯|周刊|微博|抖音|腾讯|头条|电视台|报社|视频|百度|企查查|天眼查"
)
_OWES = re.compile(
    rf"^(?:的?(?:老板|负责人|领导|校方|校长|项目部|总经理))?[^，。！？\n]{{0,9}}?(?:拖欠|欠薪|欠|克扣|扣|不发|没发|未发|不给|没给|迟迟|停发|不付|未付|未支付|没有发|拖着|押|没结|不结|拒不|欠发|少发|违反劳动法)"
    rf"|^[^，。！？\n]{{0,12}}(?:{WAGE})[^，。！？\n]{{0,8}}(?:没|未|不|拖|欠)"
)
_NEWS = re.compile(r"^(?:被曝|被指|回应|宣布|疑似|大规模|承认|否认|突然|员工|门口|多地|停工|倒闭|破产|官方|骑手|被)")
_WORKS_AT = re.compile(r"(?:在|到|去|进|来|于|入职|就职于|供职|是|我们|为|给|帮|跟)[^，。！？\n]{0,6}$")
_COMPLAINS = re.compile(r"(?:投诉|举报|反映|控告|关于|揭露|避雷|曝光|起诉)[^，。！？\n]{0,6}$")
_DEFENDANT = re.compile(
    r"(?:被告|被申请人|被上诉人|判令|责令|用人单位|施工单位|承建|承包|总包|分包|劳务(?:公司)?)[^，。！？\n]{0,4}[:：为是]?$"
)
_OWNER = re.compile(r"(?:建设单位|业主|开发商|甲方|监理|发包|开发|供|租给)[^，。！？\n]{0,4}[:：为是]?$")
_FOREMAN = re.compile(
    r"(?P<role>包工头|工头|老板|班组长|承包人|带班的?|承包商)[^，。,！？\n]{0,2}?(?:姓(?P<a>[\u4e00-\u9fa5])|(?P<b>[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴鬱胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖涂])(?=某|总|[\u4e00-\u9fa5]{1,2}(?:[，。,\s欠拖不没跑给让说承打]|$)))"
)
_HIRER = re.compile(r"(?:给|帮|替)[^，。,！？\n]{0,6}?(?P<who>老[\u4e00-\u9fa5])家")
_BRAND = re.compile(
    r"(?:^|[\n，。！？:：「」“”\s])(?:网友|员工|多名员工|当事人|选手|女子|媒体)?(?:曝光?|称|回应|爆料?)?(?P<name>[\u4e00-\u9fa5A-Za-z0-9·]{2,10}?)"
    r"(?:被(?:曝|指|爆)|\s?拖欠|欠薪|宣布|公司欠薪|大规模(?:停工)?欠薪|回应[\u4e00-\u9fa5]{0,6}欠薪|突然倒闭|(?:老板|创始人)(?:跑路|失联))"
)
_BY_BRAND = re.compile(r"被(?P<name>[A-Za-z\u4e00-\u9fa5·]{2,8}?)(?:拖欠|欠薪|欠)")
_NOT_BRAND = re.compile(
    r"^(?:男子|女子|老板|公司|企业|工人|农民工|员工|网友|记者|老赖|医院|学校|有人|又有|多名|部分|他们|我们|单位|领导|政府|平台|长期|恶意|因|被|仍|还|一直|至今|为何|法院|大量|[\u4e00-\u9fa5]{0,3}(?:工|师|医护|司机|教练|球员|老人)|.*(?:工资|怎么|如何|什么|为什么|以来|[\d年月日]))"
)


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
    for match in _ORG.finditer(text):
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
    return sorted(merged.values(), key=lambda n: (-n.weight, n.start))


def _whole(text: str, match: re.Match[str], floor: int) -> tuple[str, int]:
    """The suffix found and the name that stands before it, not reaching back over the previous name."""
    head = _BEFORE.search(text[max(floor, match.start() - 24) : match.start()])
    start = match.start() - len(head[0]) if head else match.start()
    return text[start : match.end()], start


def _organisation(text: str, match: re.Match[str], floor: int, title_end: int) -> Named | None:
    name, start = _trimmed(*_whole(text, match, floor))
    if len(name) < 3 or _GENERIC.match(name) or _MEDIA.search(name):
        return None
    before, after = text[max(0, start - 12) : start], text[match.end() : match.end() + 24]
    weight = 1.0 + (1.0 if start < title_end else 0.0) + (0.5 if name.endswith(("公司", "厂")) else 0.0)
    owes = bool(_OWES.match(after))
    weight += 3 if owes else 0
    weight += 1.5 if _WORKS_AT.search(before) else 0
    weight += 1.5 if _COMPLAINS.search(before) else 0
    weight += 2 if _DEFENDANT.search(before) else 0
    weight -= 1.5 if _OWNER.search(before) else 0
    weight += 2 if start < title_end and _NEWS.match(after) else 0
    if _AUTHORITY.search(name):
        weight -= 1.0 if owes and re.match(r"^(?:长期|一直|至今|恶意)?(?:拖欠|欠|克扣|不发|没发|不给)", after) else 6
    return Named(name, start, match.end(), weight) if weight > 0 else None


def _trimmed(name: str, start: int) -> tuple[str, int]:
    """Without what stands before the name proper: 我在甲木建工 -> 甲木建工."""
    cut = 0
    for stop in _CUT.finditer(name):
        if stop.end() <= len(name) - 2:
            cut = stop.end()
    while cut < len(name) and name[cut] in ")）、":
        cut += 1
    return name[cut:], start + cut


def _brands(text: str, title_end: int) -> list[Named]:
    """Names without 公司 or 厂, as headlines give them: X被曝欠薪, 被X欠薪."""
    head = text[: max(title_end, 60)]
    found = []
    for pattern, weight in ((_BRAND, 2.5), (_BY_BRAND, 3.0)):
        for match in pattern.finditer(head):
            name, start = _trimmed(match["name"], match.start("name"))
            if len(name) >= 2 and not _NOT_BRAND.match(name) and not _AUTHORITY.search(name):
                found.append(Named(name, start, match.end("name"), weight))
    return found


def foreman(text: str) -> Named | None:
    """包工头(姓辛), 个人(老李): a private debtor by role and surname, the given name left out."""
    if match := _FOREMAN.search(text):
        return Named(f"{match['role']}(姓{match['a'] or match['b']})", match.start(), match.end(), 1.0)
    if match := _HIRER.search(text):
        return Named(f"个人({match['who']})", match.start("who"), match.end("who"), 1.0)
    return None


# ------------------------------------------------------------------ projects
_PROJECT = re.compile(
    r"(?:[一二三四五六七八九十1-9]期(?:项目|工程|工地)?|(?:建设|工程|开发|安置|房产|光伏发电|改造|路网|道路)?(?:项目(?:工程)?|工程(?!队|师|款|局|公司|有限|建设|质|机|部|造)|工地)|"
    r"[一二三四五六七八九十\d]标段?|集资房|安置房(?:项目)?|安置小区|公租房|廉租房|综合楼|教学楼|大道(?:[\u4e00-\u9fa5]{0,2}延线)?|高速(?:公路)?|高标准农田|光伏电站|除险加固|售楼部)"
    r"(?!公司|有限|款|队)"
)
_PROJECT_GENERIC = re.compile(
    r"^(?:[\u4e00-\u9fa5]{0,3}(?:建筑|施工|政府|绿化|装修|水利|装饰|这个|那个|小|大|在建|土建|安装|光伏|房建|市政|附属|扫尾|烂尾|外地|水电|重点|投资|建设|扶贫|公路|道路|一个|商场|楼房|地产|农村|惠民|民生|民心|形象|外墙|主体|消防|钢结构|防水|所有|部分|国家|公益|厂房|包工|别人)(?:工程|项目|工地)|(?:工程|项目|工地)+|第?[一二三四五六七八九十1-9]期|[一二三四五六七八九\d]+标段?|(?:高速|集资房|综合楼|大道|售楼部|安置房|教学楼|公租房|廉租房)|[\d]+.{0,2})$"
)
_PROJECT_CUT = re.compile(_CUT.pattern + r"|公司|集团|工资|拖欠|人工|施工|包工头|做(?!强)|上(?!海|饶|虞)")


def projects(text: str, title_end: int) -> list[Named]:
    """Sites and projects named, best first."""
    merged: dict[str, Named] = {}
    floor = 0
    for match in _PROJECT.finditer(text):
        name, start = _whole(text, match, floor)
        floor, cut = match.end(), 0
        for stop in _PROJECT_CUT.finditer(name):
            if stop.end() <= len(name) - 4 or (stop.end() <= len(name) - 3 and name.endswith("期")):
                cut = stop.end()
        name, start = name[cut:], start + cut
        if len(name) < 4 or _PROJECT_GENERIC.match(name):
            continue
        before, after = text[max(0, start - 10) : start], text[match.end() : match.end() + 16]
        weight = 1.0 + (1.0 if start < title_end else 0) + (1.0 if re.search(r"在|承建|承包|干|做|到", before) else 0)
        weight += 1.0 if re.search(r"拖欠|欠|工资|部|施工|打工|民工|干活", after) else 0
        held = merged.get(name)
        merged[name] = (
            Named(name, start, match.end(), weight)
            if held is None
            else Named(name, held.start, held.end, max(held.weight, weight) + 0.5)
        )
    return sorted(merged.values(), key=lambda n: (-n.weight, n.start))
