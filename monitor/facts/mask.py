"""Personal data out of a text: names, phones, numbers of papers, cards, plates and accounts, house numbers.

Shapes follow the office's rule: a name keeps its surname (周**), a phone its first three digits, an identity number its
first three and last two; bank cards, chat accounts, plates and house numbers go altogether. Companies, projects and
sums are no personal data and stay. Knows texts only; who may see the original is decided elsewhere. Linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.facts.surnames import NO_NAME, SURNAME
from monitor.model import Span

GONE = {
    "bank_card": "[银行卡]",
    "chat_account": "[账号]",
    "plate": "[车牌]",
    "address": "[门牌]",
    "mail": "[邮箱]",
    "nickname": "[昵称]",
}

_D = "[0-9０１２３４５６７８９]"
_GAP = r"[\s.·•,，_*\-—]?"  # how people part the digits of a number so that no machine may find it
_ZH = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_NOT_MONEY = r"(?!\s*(?:元|万|块|人|名))"
_ACCOUNT = (
    r"(?:微信|薇信|威信|[Vv][信Xx]|[Ww][Xx]|加[Vv]|薇|(?<![A-Za-z.])[Qq][Qq])(?:号|号码|群)?(?=[:：\s\d]|[A-Za-z]{2})|"
    r"(?<![A-Za-z=&])[Vv](?=[:：])"
)
_PLATE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_CARD = rf"(?:62|4{_D}|5[1-5]|６２)"
_ROOM = r"\d{1,5}(?:室|房|号|户)(?!型)"
# who is addressed by an office, and no person: 人社局, 日报; firms are no personal data
_PUBLIC = re.compile(
    r"[@＠][^的你您我他她]{0,12}?(?:局(?![长外])|委(?![员屈])|院(?![长子])|政府|检察|公安|警方|发布|官方|官微|政务|热线|"
    r"12\d{3}|日报|晚报|晨报|早报|新闻|时报|周刊|电视台|卫视|广播|传媒|公司|集团|平台|银行|学校|大学(?!生)|中学(?!生)|"
    r"街道|社区|工会|信访|监察|(?<![故水家老同])[省市县区镇乡]$|网$)"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("mail", re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,63}){1,4}")),
    ("nickname", re.compile(r"(?<![A-Za-z0-9._%+-])[@＠](?P<id>[\w\u4e00-\u9fa5·-]{2,24})")),
    ("id_card", re.compile(rf"(?<!{_D}){_D}{{6}}(?:18|19|20|１８|１９|２０){_D}{{9}}[0-9０-９XxＸ](?!{_D})")),
    ("bank_card", re.compile(rf"(?<!{_D}){_CARD}{_D}{{2}}(?:[\s-]?{_D}{{4}}){{3}}(?:[\s-]?{_D}{{1,3}})?(?!{_D})")),
    ("mobile", re.compile(rf"(?<![0-9０-９.])[1１]{_GAP}[3-9３-９](?:{_GAP}{_D}){{9}}(?!{_D}){_NOT_MONEY}")),
    ("mobile", re.compile(rf"(?<![{_ZH}])[一幺][三四五六七八九](?:{_GAP}[{_ZH}]){{9}}(?![{_ZH}])")),
    ("mobile", re.compile(rf"(?<![{_ZH}\d])[1一幺][{_ZH}3-9](?:{_GAP}[{_ZH}oO\d]){{9}}(?![{_ZH}\d]){_NOT_MONEY}")),
    ("landline", re.compile(rf"(?<![\d-])(?:[(（]0\d{{2,3}}[)）]|0\d{{2,3}})[\s-]?[2-8]\d{{6,7}}(?!\d){_NOT_MONEY}")),
    ("chat_account", re.compile(rf"(?:{_ACCOUNT})[:：\s]*(?P<id>[A-Za-z][-_A-Za-z0-9]{{5,19}})(?![-_A-Za-z0-9])")),
    ("chat_account", re.compile(rf"(?:{_ACCOUNT})[:：\s]*(?P<id>\d{{6,11}})(?!\d){_NOT_MONEY}")),
    ("plate", re.compile(rf"[{_PLATE}][A-HJ-NP-Z][·\s•]?(?=[A-HJ-NP-Z]{{0,6}}\d)[A-HJ-NP-Z0-9]{{5,6}}(?![A-Za-z0-9])")),
    (
        "address",
        re.compile(
            r"(?<=[路街巷道弄村里坊园区苑庭城湾府寓舍])"
            rf"(?P<id>\d{{1,5}}号(?:之\d{{1,3}})?(?:大?院)?(?:\d{{1,4}}(?:号楼|栋|幢|"
            rf"座))?(?:\d{{1,3}}单元)?(?:{_ROOM})?)"
            r"(?!标|线|楼|桥|机|工地|项目|坑|墩|矿|井|文|令|公告|地块|地铁|公路|高速|国道|出口|栋|[以之]?[前后]|"
            r"发|就|才|都|开工|那天|晚|早|下午|上午)"
        ),
    ),
    ("address", re.compile(rf"(?P<id>\d{{1,4}}(?:号楼|栋|幢|座)(?:\d{{1,3}}单元)?{_ROOM})")),
    ("address", re.compile(rf"(?<=单元)(?P<id>{_ROOM})")),
)  # fmt: skip

_FULL = rf"{SURNAME}[\u4e00-\u9fa5]{{1,2}}"
_ENDS = (
    r"(?=$|[\s,，。.;；:：、!！?？（）()\"“”'‘’【】\[\]/]|身份证|电话|手机|联系|今年|男|女|是|系|于|在|和|与|"
    r"家住|现|住|一[名个]|\d|我|来自|"
    r"等|及|微信)"
)
_TITLES = "姓名|联系人|举报人|投诉人|反映人|申请人|求助人|法定代表人|法人代表?|负责人|经办人|收款人|户名"
_ROLES = "包工头|工头|老板|班组长|带班|工友|同事|队长|项目经理|经理|工长|老乡|业主|房东|厂长"
_ACTS = (
    r"(?=$|[,，。;；\s、!！:：]|拖|欠|跑|不|没|电话|手机|说|的|给|把|让|承诺|答应|失联|至今|在|已|等|和|打|一直|还|就|"
    r"\d)"
)
_PHONE_AFTER = r"(?:身份证号?|手机号?|电话号?码?|联系电话|联系方式|手机|tel|TEL)[:：是为]?\s?(?=[0-9０-９一幺X*x])"
_SAYS_OWN_NAME = re.compile(rf"我叫[:：\s]*(?P<id>{SURNAME}某{{1,2}}){_ENDS}")  # 周某某 becomes 周** all the same
_NAMES: tuple[re.Pattern[str], ...] = (
    _SAYS_OWN_NAME,
    re.compile(rf"(?:我叫|我名叫|我的名字叫|本人叫|名字叫|叫做)[:：\s]*(?P<id>{_FULL}){_ENDS}"),
    re.compile(rf"(?:{_TITLES})[:：\s是为]{{1,2}}(?P<id>{_FULL}){_ENDS}"),
    re.compile(
        rf"(?:本人|我是|我系|实名[^，。\s]{{0,4}})[:：\s,，]?(?P<id>{_FULL})"
        r"(?=[,，。;；\s]|身份证|电话|手机|今年|家住|$|[,，]?[男女])"
    ),
    re.compile(rf"(?:{_ROLES})(?:叫|名叫|是|名字叫)?[:：]?(?P<id>{_FULL}){_ACTS}"),
    re.compile(rf"(?P<id>{_FULL})(?:[,，\s]{{0,2}}[男女][,，\s])?[,，\s:：(（]{{0,2}}{_PHONE_AFTER}"),
    re.compile(rf"(?P<id>{_FULL})[,，\s:：(（]{{0,2}}(?=1[3-9]\d[\s-]?\d{{4}}[\s-]?\d{{4}}(?!\d))"),
)
_SEVERAL = re.compile(
    rf"(?P<ids>(?:{_FULL}[、和]){{1,6}}{_FULL}?)等(?:[\d一二三四五六七八九十几多余]{{0,4}})(?:人|名|位|个工人)"
)
_ONE = re.compile(rf"{SURNAME}[\u4e00-\u9fa5]{{1,2}}(?=[、,，和等\d十几]|$)|{_FULL}")
_TITLED = re.compile(
    r"电话|手机|微信|号码|身份|经理|老板|师傅|先生|女士|某总|[总工姐哥叔姨]$|\*"
)  # 王总, 李师傅: no full name


_AMOUNT = re.compile(
    r"^[\d一二两三四五六七八九十百千几多]万|工资|工钱|薪|血汗钱"
)  # 万 is a surname, and mostly a number


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` without personal data; `spans`: where it stood in the text given, each with its kind in `text`."""

    text: str
    spans: tuple[Span, ...]


def mask(text: str) -> Masked:
    """The text as it may be shown, mailed or exported. Masking it again changes nothing."""
    taken = sorted(_found(text), key=lambda found: (found[0], -found[1]))
    parts, spans, position = [], [], 0
    for start, end, kind in taken:
        if start < position:
            continue
        parts += [text[position:start], _SHAPES.get(kind, _gone)(text[start:end], kind)]
        spans.append(Span(start, end, kind))
        position = end
    parts.append(text[position:])
    return Masked("".join(parts), tuple(spans))


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    for kind, pattern in _PATTERNS:
        group = "id" if "id" in pattern.groupindex else 0
        for match in pattern.finditer(text):
            if kind != "nickname" or not _PUBLIC.match(match[0]):
                yield *match.span(group), kind
    for listed in _SEVERAL.finditer(text):
        for match in _ONE.finditer(text, *listed.span("ids")):
            if not NO_NAME.search(match[0]):
                yield *match.span(), "name"
    for pattern in _NAMES:
        for match in pattern.finditer(text):
            if NO_NAME.search(match["id"]) or _TITLED.search(match["id"]):
                continue
            if _AMOUNT.search(text[max(match.start("id") - 1, 0) : match.end("id")]):
                continue
            if match["id"].endswith("某") and pattern is not _SAYS_OWN_NAME:
                continue  # 陈某 is anonymous already
            yield *match.span("id"), "name"


def _name(written: str, _: str) -> str:
    double = re.match(SURNAME, written)
    return (double[0] if double else written[:1]) + "**"


def _phone(written: str, _: str) -> str:
    return re.sub(r"[^\w]|_", "", written)[:3] + "*" * 8


def _paper(written: str, _: str) -> str:
    return written[:3] + "*" * (len(written) - 5) + written[-2:]


def _gone(_: str, kind: str) -> str:
    return GONE[kind]


_SHAPES: dict[str, Callable[[str, str], str]] = {
    "name": _name, "mobile": _phone, "landline": _phone, "id_card": _paper,
}  # fmt: skip
