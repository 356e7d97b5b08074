"""Names of employers that no ending betrays, told by what is said around them: who works where, who does not pay.

Knows the phrases, not the names. Known brands and headlines are the matter of brands.py.
"""

from __future__ import annotations

import re

from monitor.facts.beginnings import by_first_character
from monitor.facts.gazetteer import gazetteer
from monitor.facts.names import AUTHORITY, GENERIC, ONE_OF_MANY, REGION, led_up_to, nameish, of_a_person, trimmed
from monitor.facts.parties import Named

_NAME = r"[\u4e00-\u9fa5A-Za-z0-9·]"
_KINDS_OF_PEOPLE = (
    r"员工|职工|工人|老师|教师|护士|医生|司机|保安|保洁|服务员|厨师|骑手|主播|教练|队员|球员|店员|"
    r"临聘人员|工作人员|业务员|会计|技术员|辅警|网格员|店长|主管|厨师长|前台|财务|客服|顾问|销售|技师|学徒|演员|"
    r"编辑|记者|程序员|设计师|[挡质缝电焊木瓦搬装清杂普技临][车检纫焊运卸洁术时]?工"
)
_SAID_OF_ME = re.compile(
    r"(?=[我本曾一去今前年月日后老奶爷爸妈女儿姐弟妹哥舅叔婶嫂姑姨母父妻丈孩])(?:"
    rf"(?:我|我们|本人)(?:曾经?|原来?|现在?|都)?(?:是|系|为|"
    rf"作为)(?P<name>{_NAME}{{3,14}}?)(?:[（(][^（()）]{{1,16}}[)）])?的?"
    rf"(?:一名|一位|一个|全体|普通|在职|离职|退休|下岗|老|临时|合同制|后厨|前台)*(?:{_KINDS_OF_PEOPLE})|"
    rf"(?:我|本人|我们|曾|一直|[去今前]年|月|日|后|老[公婆]|奶奶|爷爷|爸|妈|[女儿]儿?子?|姐|弟|妹|哥|舅|叔|婶|嫂|"
    rf"姑|姨|母亲|父亲|妻子|丈夫|孩子|家人)在(?P<place>{_NAME}{{3,14}}?)(?:上了?班|打工|干了|做了|待了|干过|做过|"
    rf"工作(?!的|期间)|任职|当(?:保安|服务员|厨师|老师|会计|司机|保洁)|做(?:保安|"
    r"服务员|厨师|保洁|销售|会计|客服|收银|装卸|分拣|质检|搬运|杂工|学徒)|带(?:青训|课|学生|班)|教[了过书]|"
    r"端盘子|守夜|看大门|扫地|洗碗|炒菜|包饺子|送货|跑业务|开(?:车|叉车|货车|大巴)|陪护|护理|(?:做|当|干)(?:过|"
    r"了)?(?:[\u4e00-\u9fa5]{0,4}(?:工|员|师|手|生|人)(?=[，,。、]|[一二两三四五六七八九十半几\d]|$)|保洁|保安|"
    r"客服|前台|文员|会计|出纳|测试|设计|剪辑|运营|主播|推销|直播)|兼职(?!的)|轮岗|跟车|站柜台|开塔吊|烧锅炉|"
    r"喂[猪鸡鸭牛羊鱼]|守门|值夜班|跑单|卸货|装货|打包|采茶|摘果|送餐|送水|送菜|看仓库))"
)
_HIRED_BY = re.compile(
    rf"(?:应聘到|应聘|入职了?|就职于|受雇于|受聘于|供职于|入职到|上班在|工作于|签约(?:了|到)?|被聘到|招聘到|"
    rf"任职于)(?P<name>{_NAME}{{3,14}}?)(?:工作|上班|任职|从事|担任|做|当|"
    rf"[一二两三四五六七八九十半几\d]+个?(?:多月|月|年|天|周)|[，。,;；])|"
    rf"(?:被告|被申请人)(?:[:：是为])?(?P<place>{_NAME}{{3,14}}?)(?:应当?|于|向原告|支付|拖欠|未|没有|辩称|不服|"
    rf"至今|尚欠)"
)
_SIGNED = re.compile(
    rf"(?:我|我们|本人)(?:曾|已|又)?[与和跟](?P<name>{_NAME}{{3,14}}?)(?:公司)?(?:最近|一直|已经?|至今|没有?|"
    rf"未)?(?:签订?|存在|建立|解除|发生)(?:了|过)?(?:的)?(?:事实)?劳[动务]"
)
_BUILT_BY = re.compile(
    r"(?=[由总分承施劳用给帮为])(?:"
    rf"由(?P<name>{_NAME}{{3,14}}?)(?:公司)?(?:承建|承包|总包|总承包|施工|分包|中标|负责施工)|"
    rf"(?:总包|总承包|分包|承建|施工|劳务|用工|用人)(?:单位|方|商|"
    rf"公司)?[是为:：](?P<place>{_NAME}{{3,14}}?)(?=[，。,;；\s]|欠|拖|的|$)|"
    rf"[给帮为](?P<whom>{_NAME}{{3,14}}?)(?:干活|做工|打工|干了|做了|干的|做的|拉[砂沙石料货土]|拉[了过]|"
    rf"送[了货]|开车|拍[了摄婚]|"
    rf"[装修做贴刷种采缝画写搬守洗剪跑采护抬守烧喂修盖打铺砌拆印绣收割摘捡运卸刻焊养放写录唱演教带供挖浇除炒煮切洗掏](?!的)(?:了|过)?[\u4e00-\u9fa5\d]))"
)
_OF_NOBODY = re.compile(
    r"不善|效益|生意|资金|困难|原因|各|乡镇|战线|系统|基层|打工人|劳动者|环境|同事|家长|孩子|学生|保险|疫情|"
    r"情况|时候|自己"
)
_SAID_AGAINST = re.compile(
    rf"(?:投诉|举报|反映|曝光|控告|避雷|揭露|关于)(?:一下|下)?(?P<name>{_NAME}{{3,16}}?)(?:长期|恶意|一直|无故|"
    rf"随意|非法|违法|多次|"
    r"严重)*(?:老板|公司)?(?:[,，]?欠[了我工]|压|拖着|拖延|至今|拒付|拒发|拒绝支付|少发|多次|拖欠|克扣|欠薪|"
    r"欠发|不发|扣发|扣押|欠[员工教职民农]|未发|停发|不给)"
)
_NO_PLACE_OF_WORK = re.compile(
    r"工地|项目|工程|[省市县区镇乡村]$|外地|外面|外省|这里|那里|这边|那边|老家|家里|家乡|本地|当地|城里|广东|"
    r"深圳|上海|北京|浙江|江苏|福建|"
    r"[一某各该这那]家|[一某该这那]个|公司$|单位$|工厂$|学校$|医院$|酒店$|饭店$|企业$|期间|以后|之前|时候|建筑|"
    r"车间|厂里|店里|他|她|我|老板|包工头|"
    r"大桥|小区|高速|铁路|隧道|楼|战线|系统|基层|各|你们|有关|部门|领导|农民工|民工|工资|政府$|"
    r"[一二三四五六七八九十\d]+(?:年|月|名|个|天)"
)
NOT_BRAND = re.compile(
    r"^(?:请问|求助|投诉|举报|反映|如何|怎么|为什么|关于|欠薪)|[收过给拿][了过]|不善|[把们]|代课$|^[啦吗呢吧了]|"
    r"^(?:近|第|[一二两三四五六七八九十百千几数\d]+[余多来]*[名位个家人米里亩吨斤天岁块元部]|多地|多名|首批|万|"
    r"元|全|人均|已|这|我们|该|本|小?包工头|工头|消费者|家长|涉事|男子|女子|老板|公司|企业|工人|农民工|员工|"
    r"网友|记者|老赖|医院|学校|有人|又有|多名|部分|他们|我们|单位|"
    r"领导|政府|平台|长期|恶意|因|被|仍|还|一直|至今|为何|法院|大量|无故|克扣|或者|国家|遭遇|消费者|事件|官方)|"
    r"原告|被告|告[尚仍拖支共]|^告|支付|判令|[要讨付因应]|(?:工|师|医护|司机|教练|球员|老人|包工头|网友|人员|们|"
    r"被|遭|酬|后|(?<!多)多|工地|项目|工程|标段?|大桥|小区|高速|铁路|隧道|广场|水库|厂房)$|\d+人|"
    r"[\d一二三四五六七八九十百]+名|\d万|工资|怎么|如何|什么|以来|[年月日]|工友|项目部|[两二三几]包|给人$|"
    r"(?:冠军|演员|歌手|导演|明星|教授|队长|艺人)[\u4e00-\u9fa5]{2,3}$|^剩|塔吊$|[了过着]一次$|^会员"
)

_CUE = re.compile(
    by_first_character(
        r"(?:员工|职工|店员|骑手|主播)们?(?=都|集体|没|未|说|被|至今|讨|的?工资)|"
        r"(?:老板娘?|负责人|店长|站长|厂长|园长|院长|校长|经理|人事|财务|会计|创始人|法人)(?=跑|失联|联系不上|"
        r"卷|拖|欠|不|说|讲|一直|已|把|答应|承诺|通知|电话)|"
        r"(?:拖欠|克扣|扣押|扣着|押着|欠薪|欠发|不发|没发|停发|不给|欠)(?=了?(?:我|员工|职工|店员|老师|教师|"
        r"骑手|主播|大家|薪|工资|奖金|绩效|加班|提成|"
        r"[一二两三四五六七八九十几半\d]+个?月|[。，,！!]|$))|(?:倒闭|关门|跑路|停业|闭店|破产|停产|解散|注销|"
        r"搬空|被查封|清算)(?=[，。,了]|后|前|$)|(?:说|讲|称|答复|通知我?|承诺|辩称|"
        r"表示)(?=[，,:：]?[^，。]{0,12}(?:没钱|没效益|没结|再等|资金|业主|甲方|亏|困难|等))|"
        r"(?:总包|总承包|承建)(?=[，。,;；]|的|$)|"
        r"[，,](?=[押欠拖扣]着?(?:我们?|员工)?的?工资)|被(?=员工|骑手|店员|工人|老师|教师|供应商|讨薪|围堵|欠薪|"
        r"曝欠)|(?:自|从)(?=[^，。]{2,8}(?:后|起|以来)(?:就)?(?:没|未|不))"
    )
)
_HEAD = re.compile(
    rf"{_NAME}{{3,14}}?(?=(?:的?(?:全体|所有|几十名|多名)?|(?:长期|恶意|一直|至今|无故|大量|严重|故意|公然|竟然|"
    rf"突然|已经?|还){{0,2}})$)"
)
_SITE_LIKE = re.compile(
    r"(?:工地|项目部?|工程|小区|标段?|[一二三四五六七八九十\d]期|大桥|高速|公路|隧道|水库|安置房|[号栋]楼?|大厦|"
    r"广场|班组|政府|社区|街道|[村组]|学生|司机|师傅|先生|女士|某)$"
)

NO_NAME_BEFORE = re.compile(
    r"疫情|封控|静默管理|桌子|厂子$|[厂店局站校队镇县村][里上]$|那[阵会]|老头|老太|熟人|"
    r"^(?:责令|打[钱款]|开[支资]|给钱|遇到|根治|今天|昨天|前天|上个?[周月])|[又就说过]$"
)


def spoken(text: str) -> list[Named]:
    """Names that no ending betrays: where somebody works, whose worker somebody is, who is accused of not paying."""
    found = _by_cue(text)
    for pattern, weight in (
        (_SAID_OF_ME, 2.0),
        (_SAID_AGAINST, 2.5),
        (_HIRED_BY, 2.0),
        (_SIGNED, 2.0),
        (_BUILT_BY, 2.0),
    ):
        for match in pattern.finditer(text):
            group = match.lastgroup or "name"
            name, start = trimmed(match[group], match.start(group), 2)
            if _can_be(name):
                found.append(Named(name, start, match.end(group), weight))
    return found


def _by_cue(text: str) -> list[Named]:
    """The name before 拖欠我们工资, 老板跑路, 的员工没拿到: a clause begins with it, or a word that leads to one."""
    found = []
    for name, start, end in led_up_to(text, _CUE, _HEAD, 16, 2):
        plain = REGION.sub("", name)
        if _can_be(name) and not (_SITE_LIKE.search(plain) or NO_NAME_BEFORE.search(plain) or gazetteer().whole(plain)):
            found.append(Named(name, start, end, 2.0))
    return found


def _can_be(name: str) -> bool:
    """Whether it may name an employer: no office that is asked, no kind of firm, no private person."""
    plain = REGION.sub("", name)
    if len(name) < 3 or len(plain) < 2 or "的" in name or of_a_person(plain):
        return False
    if any(pattern.search(name) for pattern in (_OF_NOBODY, AUTHORITY, ONE_OF_MANY, NOT_BRAND)):
        return False
    return not any(pattern.search(plain) for pattern in (_NO_PLACE_OF_WORK, GENERIC)) and nameish(plain)
