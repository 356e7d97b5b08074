"""For which site: projects, estates, roads and bridges named in a text. Knows how they are built, and no register."""

from __future__ import annotations

import re

from classifiers.tokenizer import words
from monitor.facts.beginnings import by_first_character
from monitor.facts.gazetteer import gazetteer
from monitor.facts.names import REGION, WEAK_STOPS, led_up_to, nameish, no_speech, trimmed, whole
from monitor.facts.parties import Named
from monitor.facts.works import by_works

_ESTATE = (
    r"(?:华府|名都|公馆|御府|豪庭|嘉园|家园|溪谷|城邦|佳苑|花园|苑(?<=[\u4e00-\u9fa5].)|主题公园|花城|名城|华庭|学府)"
)
_BUILDING = r"(?:广场(?<=[\u4e00-\u9fa5]{2}..)|大厦|新城|国际|小区|山庄)"  # firms and shops are called so too
_KINDS = (
    r"[一二三四五六七八九十1-9]期(?:项目|工程|工地)?|"
    r"(?:建设|工程|开发|安置|房产|光伏发电|改造|路网|道路|综合楼|集资房|安置房|建筑)?"
    r"(?:项目(?:工程)?(?!经理|负责人)|工地|"
    r"工程(?![\u4e00-\u9fa5]{0,4}有限|管|队|师|款|局|公司|有限|建设|质|机|部|造|学|量|进度|技|检测|监理|咨询|"
    r"设计|的宣传|已被))|"
    r"(?:[一二三四五六七八九十1-9]期)?[一二三四五六七八九十\d]标段?|集资房|安置房|安置小区|安置点|安置区|回迁楼|"
    r"商贸城(?!安置|小区|[一二三四五六七八九\d]期)|公租房|廉租房|综合楼|教学楼|"
    r"(?:大桥|隧道|水库|风电场|污水处理厂|体育馆|图书馆|产业园|标准厂房|新院区|住院楼|门诊楼|客运站(?!做)|"
    r"高铁站|管廊|水厂|农贸市场)"
    r"(?:[一二三四五六七八九十1-9]期)?(?:的?(?:项目|工地|工程)|改造|改建|(?=[，。,;；]|$|的(?:工人|安装|木工|"
    r"瓦工)|[干做打上拖欠讨安施]))|"
    rf"{_BUILDING}[一二三四五六七八九1-9]期|"
    rf"(?:[府湾城里庭邸园苑天]|名邸)(?:[一二三四五六七八九1-9]期)?(?:的?(?:项目|工地|工程)|"
    rf"(?=[做干贴刷装](?:保温|水电|油漆|外墙|外架|木工|瓦工|内粉|防水|活|工)|"
    r"的(?:塔吊|木工|瓦工|钢筋|架子|工人|农民工)|\d+[#号]楼|工地))|"
    r"大道(?:[\u4e00-\u9fa5]{0,2}延线)?(?!\d)|高速(?:公路)?(?!\d)|高标准农田|光伏电站|除险加固|售楼部|"
    r"地铁\d{1,2}号线(?:[\u4e00-\u9fa5]{2,6}站|(?=[，。的]))|(?:大楼|大厦|广场|中心|医院|学校|"
    r"[厂站]房)(?=的?(?:幕墙|中央空调|空调|电梯|消防|门窗|外墙|外立面|智能化|弱电|石材|玻璃|钢结构|亮化|"
    r"地坪)(?:安装|工程|施工|改造|的?活))|(?:住院|门诊|办公|教学|综合|培训|宿舍|实验)大?楼(?=新建|"
    r"[^，。]{0,3}(?:主体|工地|劳务|项目|工程|水电))|"
    rf"{_ESTATE}(?:[一二三四五六七八九十1-9]期)?(?:的?(?:项目|工地|工程)|"
    r"(?=\d+[#栋期号]|[一二三四五六七八九#]|的?建筑工地|的老百姓|[（(]|开发商|拖欠|讨要|欠|未完工|未能|为何|"
    r"迟迟|施工|做|干|安装))|"
    rf"{_BUILDING}(?:[一二三四五六七八九十1-9]期)?(?:的?(?:项目|工地|工程)|(?=\d+[#栋期]|\d+号楼|的?建筑工地|的老百姓))"
)
_NO_FIRM = r"(?!公司|有限|款|队)"
ENDING = f"(?:{_KINDS}){_NO_FIRM}"
PROJECT = re.compile(f"(?:{by_first_character(_KINDS)}){_NO_FIRM}")
_WORD_FOR_SITE = re.compile(r"(?:的)?(?:建筑|建设|施工|在建)?(?:工地|项目部?|工程)+$")
_PROJECT_GENERIC = re.compile(
    r"^(?:(?:政府|国家|公家|村里|镇里|县里)的(?:工程|项目)$|(?:县城|附近|一个|某|这个|那个|我们|外地|本地|当地|"
    r"城里|城区|新|大|小|国家|的)?(?:建筑|施工|政府|绿化|装修|水利|装饰|这个|那个|小|大|在建|土建|安装|光伏|房建|"
    r"市政|附属|扫尾|烂尾|外地|水电|重点|投资|建设|扶贫|公路|道路|一个|商场|楼房|地产|农村|"
    r"惠民|民生|民心|形象|外墙|主体|消防|钢结构|防水|所有|部分|国家|公益|厂房|包工|别人|钢筋|维修|实施|管理|"
    r"富农|收费|行政性收费|旅游开发|水电安装|劳务|木工|现在|采购|活动|旅游|"
    r"房产|整个|每个|各个|某|用|翻新|改造|基础|民工|农民工|学校|承包|承建|多个|其他|新建|此|本|该)?(?:改造|"
    r"建设)?(?:工程|项目|工地)+|"
    r"第?[一二三四五六七八九十1-9]期|[一二三四五六七八九\d]+标段?|(?:高速|集资房|综合楼|大道|售楼部|安置房|"
    r"教学楼|公租房|廉租房|小区|家园|国际|新城|花园)|\d+.{0,2}|.*(?:元分|分[一二三四五]期).*)$"
)
_FIRM_BEFORE = re.compile(r"^.*(?:公司|集团|房地产|包工头|工资|购|租|供)(?:的|承建|承包|开发|施工)*")


_NO_SITE = re.compile(
    r"^(?:高速公路|高标准农田|.{0,3}(?:系统|便民|利民|政绩|奠基|帮扶|环境|测试|科研|体检|立法|旧改|核心|游戏|"
    r"论文|试点|研究|课程|专业|体能|"
    r"自动化|电气|畜牧|招商引资|合作方?|新冠|服务|捐赠|奖励|福利|资金|补贴|培训|保险|投标|招标|学习|技术|永久性|"
    r"保交楼|人防|山体滑坡|土石方|外墙防水))$|^中[建铁交].{1,2}局|^.{0,2}[一二三]标$|"
    r"^[一二三四五六七八九十](?![江河湖里桥山水塘岔道门角星亩阳元和合圣友洲洋海泉峰圩])"
)
_BUILT = re.compile(r"民工|施工|工地|包工头|承建|班组|竣工|劳务|工程款|建筑|完工|交房|抹灰|木工|瓦工|钢筋")
_LEADS = {"就", "把", "用", "想", "给", "让", "去", "来", "被", "将", "要", "做", "进", "拿", "找"}
_SHORT_ESTATE = re.compile(r"[\u4e00-\u9fa5]{2}[府湾城里庭邸园苑]$")
_HOUSING = re.compile(r"(?:安置房|公租房|廉租房|集资房|综合楼|教学楼)$")


def _only_word_left(name: str, suffix: int) -> bool:
    """Whether nothing but the word for a site follows a verb or particle: 就把 | 工地, 低于用 | 工地."""
    position = 0
    for word in words(name):
        position += len(word)
        if word in WEAK_STOPS and len(name) - position == suffix:
            return position == len(word) or word in _LEADS  # 锦和大桥, 东能华府: part of the name
    return False


def _after_firm(name: str, start: int) -> tuple[str, int]:
    """甲木公司承建的锦禾苑工地 -> 锦禾苑工地."""
    found = _FIRM_BEFORE.match(name)
    return (name[found.end() :], start + found.end()) if found else (name, start)


_NAME = r"[\u4e00-\u9fa5A-Za-z0-9·#]"
_PLIED = (
    r"内墙|木工|瓦工|泥瓦?工|泥水工|钢筋工?|架子工?|塔吊(?:司机)?|水电工?|油漆工?|抹灰工?|外墙|外架|内架|内粉|"
    r"防水|保温|砌筑|二次结构|装修|安装|土方|土建|绿化|门窗|消防|"
    r"打桩|吊顶|模板|木模|混凝土|脚手架|石材|幕墙|钢结构|弱电|桩基|清包|劳务|保洁|搬运|杂工|小工|大工|临工|点工|"
    r"电工|焊工|电焊|管道|园林|栏杆|涂料|腻子|路基|路面|沥青|护坡|挡土墙|挡墙"
)
_DONE = (
    r"(?:贴|铺|砌|刷|刮|粉|浇|浇筑|绑|扎|搭|拆|支|焊|装|挖|打|吊|运|拉|抹|做|干|搞|包)(?:了|过|完)?(?:瓷砖|地砖|"
    r"墙砖|地板|砖|墙|漆|大白|腻子|混凝土|灰|钢筋|架子|模|管|桩|土|活|"
    rf"门窗|栏杆|水电|{_PLIED})|开(?:塔吊|挖机|挖掘机|铲车|吊车|车)"
)
_A_WHILE = r"(?:了|过)?(?:[一二两三四五六七八九十半几多\d]{1,3}个?(?:多月|月|天|年|多天|年多|月多))?(?:的)?"
_STANDS_END = r"[府湾城园苑庭邸里岸街汇都房站心馆场校区线造建库道地馆]"
_WORKED_ON = re.compile(
    r"(?=[在到去于进给帮为承分参施中负修包接做干总建开])(?:"
    rf"[在到去于进](?P<a>{_NAME}{{2,16}}?)(?:里|上|那边)?(?:干活|做工|施工|干了|做了|搬砖|(?<!服)务工(?!作)|"
    rf"(?:从事|做|干|搞|当|打){_A_WHILE}(?:{_PLIED})|{_DONE})|"
    rf"[给帮为](?P<b>{_NAME}{{2,14}}?)[做干搞装贴刷](?:{_PLIED})|"
    rf"(?:承接|承包|承揽|分包|承建|参建|施工|中标|参与|负责|修建|包了|接了|接到|做完|干完)(?:了|过|的|施工的|"
    rf"建设的)?(?P<e>{_NAME}{{2,16}}?)的?(?:部分|全部|所有|建设|主体|室内|室外)?"
    rf"(?:{_PLIED}|工程|施工)|"
    rf"(?:承建|承包|承接|总包|施工|建设|开发)的(?P<f>{_NAME}{{3,16}}?)(?=[，。,;；\s]|项目|工地|工程|拖欠|欠|"
    rf"的?(?:农?民工|工人|工资)))"
)
_WORK_WORDS = ("项目", "工程", "工地")
_STANDS = re.compile(
    r"..(?:[厦区园馆桥路站院府湾苑庭邸汇都湖厂楼城场道]|厂房|别墅|广场|中心|基地|新村|号楼|大学|中学|小学|项目|"
    r"改造|壹号|一号)$"
)
_NO_SITE_NAME = re.compile(
    r"公司|集团|劳务|建工|员工|总包|原告|被告|替$|工程队|施工队|劳务队|包工|[房村组队]$|老家|自己|外面|路上|"
    r"厂里|开发商|销售|人员|许可证|协会|群众|学生|活动|业务|部分|主体|全家|期间|旁边|附近|"
    r"[的服后再下方或着了行中上时等说找向经与和所在是对把将让被于从由为给到也还就一万个]$|[建铁交].局|厂$|店$|"
    r"老板|包工头|工头|手上|家里?$|学校$|工地$|[省市县镇乡]$|外地|外面|这里|那里|这边|那边|本地|当地|他|她|我|"
    r"你|们|某|各|"
    r"有关|期间|以后|之前|时候|广东|深圳|上海|北京|浙江|江苏|项目部|政府|局$|医院$|村里|城里|厂里|领导|单位|"
    r"班组|[一两二三四五六七八九十\d]+(?:年|月|天|个)"
)


_OF_SITE = re.compile(
    by_first_character(
        r"农民工|民工|工人(?=在|被|讨|工资|没|未|要|追)|承建[商方]|开发商|施工[方队单]|建设方|总包|分包商|"
        r"售楼部|建设(?:中|期间|过程)|工地|楼盘|项目部|"
        r"[0-9]{1,2}[#号]楼|[0-9]{1,2}栋|"
        rf"(?:{_PLIED})(?:班组|工人|工|们|师傅)?的?(?:工资|工钱|没|未|被|血汗)|"
        rf"(?:拖欠|克扣|不发|欠)(?<={_STANDS_END}拖欠|{_STANDS_END}克扣|{_STANDS_END}不发|"
        rf"{_STANDS_END}.欠)(?=农民工|民工|工人|我们|我|木工|瓦工)"
    )
)
_HEAD = re.compile(
    rf"{_NAME}{{2,18}}?(?=(?:的(?:一群|几名|几十名|十几名|全体|众多|"
    rf"[一二三四五六七八九十几多\d]+[名个位])?)?(?:长期|恶意|一直|无故)?$)"
)
_FIRM_LIKE = re.compile(
    r"(?:公司|集团|局|厂|建设|装饰|建筑|置业|地产|房产|路桥|劳务|建工|工程|村|组|班|队|籍|乡|镇|县|市|省)$|"
    r"^[一二三四五六七八九十百千\d]+[多余]?[名个位]?$"
)


def _by_work(text: str) -> list[Named]:
    """Names that no ending betrays: where a building trade is plied or its pay is owed."""
    found = []
    for match in _WORKED_ON.finditer(text):
        group = match.lastgroup or "a"
        name, _ = trimmed(match[group].removesuffix("的"), match.start(group), 1)
        plain = REGION.sub("", name)
        refused = bool(_PROJECT_GENERIC.match(plain) or _NO_SITE_NAME.search(name) or _NO_SITE.search(plain))
        refused = refused or not _names_a_site(plain)
        if len(plain) >= 2 and len(name) >= 3 and not refused:
            shown = plain if len(plain) >= 3 else name
            at = text.index(shown, match.start(group))
            found.append(Named(shown, at, at + len(shown), 1.0))
    return found


def _names_a_site(name: str) -> bool:
    """Whether it can be the name of a site: 悦江山, 柳溪中学; not 豆腐渣, 形象."""
    return nameish(name) or (no_speech(name) and bool(_STANDS.search(name)))


def _by_people(text: str) -> list[Named]:
    """Names that no ending betrays: whose labourers, builder or developer are spoken of, which of its houses."""
    found = []
    for name, start, end in led_up_to(text, _OF_SITE, _HEAD, 18, 1):
        plain = REGION.sub("", name)
        refused = _PROJECT_GENERIC.match(plain) or _NO_SITE_NAME.search(name) or _NO_SITE.search(plain)
        if len(plain) < 3 or refused or _FIRM_LIKE.search(plain) or gazetteer().whole(plain):
            continue
        if _names_a_site(plain):
            found.append(Named(plain, start + len(name) - len(plain), end, 1.0))
    return found


def projects(text: str, title_end: int) -> list[Named]:
    """Sites and projects named, best first."""
    merged: dict[str, Named] = {}
    built = bool(_BUILT.search(text))
    floor = 0
    for match in PROJECT.finditer(text):
        name, start = trimmed(*whole(text, match, floor), len(match[0]))
        name, start = _after_firm(name, start)
        if _only_word_left(name, len(match[0])):
            floor = match.end()
            continue
        floor = match.end()
        plain = REGION.sub("", name)
        bare = _WORD_FOR_SITE.sub("", plain)
        if _HOUSING.fullmatch(bare) and re.search(r"[镇乡村]$", name[: len(name) - len(plain)]):
            plain = bare = _WORD_FOR_SITE.sub("", name)  # 柳溪镇安置房: of that town
        elif (
            (len(plain) < 4 and not _SHORT_ESTATE.match(bare))
            or _PROJECT_GENERIC.match(plain)
            or _PROJECT_GENERIC.match(name)
            or _PROJECT_GENERIC.match(bare)
        ):
            continue
        start += max(0, name.find(plain))
        name = bare if len(bare) >= 3 else plain  # 锦禾苑工地 is 锦禾苑
        before, after = text[max(0, start - 10) : start], text[match.end() : match.end() + 16]
        weight = 1.0 + (1.0 if start < title_end else 0) + (1.0 if re.search(r"在|承建|承包|干|做|到", before) else 0)
        weight += 3.0 if re.search(r"(?:项目|工程)(?:全称|名称)?[:：]$", before) else 0
        weight += 1.0 if re.search(r"拖欠|欠|工资|部|施工|打工|民工|干活", after) else 0
        idle = weight < 2 and match[0].endswith(("项目", "工程")) and not built
        vague = weight < 2 and match[0].endswith(_WORK_WORDS) and not _names_a_site(bare)
        if idle or vague or _NO_SITE.search(bare):
            continue  # 体检项目, 系统工程: nobody works there
        held = merged.get(name)
        merged[name] = (
            Named(name, start, match.end(), weight)
            if held is None
            else Named(name, held.start, held.end, max(held.weight, weight) + 0.5)
        )
    for named in (*_by_work(text), *_by_people(text)):
        merged.setdefault(named.name, named)
    for name, start, end in by_works(text, built):
        if not any(name in other or (start < held.end and held.start < end) for other, held in merged.items()):
            merged[name] = Named(name, start, end, 1.5)
    return sorted(merged.values(), key=lambda n: (-n.weight, n.start))
