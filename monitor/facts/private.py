"""A private debtor: foreman, boss or defendant, by role and surname only (包工头(姓辛), 被告(詹某)).

The object is the debt. A form that is no full name stays as it is written: 詹某, 老李.
Knows how such people are spoken of, and nobody.
"""

from __future__ import annotations

import re

from monitor.facts.parties import Named
from monitor.facts.surnames import NO_NAME, SURNAME

_FOREMAN = re.compile(
    r"(?P<role>包工头|工头|老板娘?|班组长|承包人|带班的?|承包商)(?:叫|是|名叫|为|真名)?(?:姓(?P<a>[\u4e00-\u9fa5])|"
    rf"(?P<full>(?P<b>{SURNAME})(?:某+|总|"
    rf"[\u4e00-\u9fa5]{{1,2}}))(?=[，。,\s欠拖不没跑让说承拒失躲一也就都给把带卷还现至讲又只找去答叫拿]|$)|"
    rf"老(?P<c>{SURNAME})(?=[，。,\s欠拖不没跑让说拒给把]))|"
    r"姓(?P<d>[\u4e00-\u9fa5])的(?:[\u4e00-\u9fa5]{0,2}?)(?P<role2>包工头|工头|老板)"
)
_UNNAMED = re.compile(
    r"(?:包给|转给|发给)(?:了)?(?:一个|个|外地|本地|邻县)?(?:老板)?(?:叫)?姓(?P<e>[\u4e00-\u9fa5])的|"
    r"(?P<role>包工头|工头|老板|带班)[^。！？；]{1,14}?(?:只(?:晓得|知道)|都叫他|人称|他)?"
    r"姓(?P<g>[\u4e00-\u9fa5])(?=[，,。]|的?(?:欠|拖|跑|不))"
)  # the work was given to one 姓邬的; a boss of whom 只晓得姓粟
_BY_TITLE = re.compile(r"(?P<role>老板|包?工头)(?=承包|叫|让|说|欠|拖|不|没|跑|答|人在|人跑|电话|把|带|手下|那)")
_SURNAME_BEFORE = re.compile(rf"(?:^|[，。,;；\s跟找给是被由的])(?P<f>(?!包工|老)(?:{SURNAME}))$")
_HIRER = re.compile(r"(?:给|帮|替)[^，。,！？\n]{0,6}?(?P<who>老[\u4e00-\u9fa5])家")
_SOMEBODY = re.compile(
    rf"(?P<who>{SURNAME}某{{1,2}})(?=[^\u4e00-\u9fa5]|"
    rf"[系在于的因为与和对已未尚欠拖付给支应将承出雇聘做工自称等同辩均是从向至没不负处要又到把结领诉认]|"
    rf"[\u4e00-\u9fa5]{{2,}})(?!公司|厂|店|集团|[\u4e00-\u9fa5]{{1,4}}公司|[\u4e00-\u9fa5](?:[系的自与、，]|的))"
)
_ROLE = re.compile(
    r"(?P<role>被告人?|被申请人|被执行人|被上诉人|雇主|老板|包工头|承包人|承包户|经营者)[一二三四1-4]?[:：]?$"
)
_HIRED_OUT = re.compile(
    r"(?:发包给|分包给|转包给|承包给)[^，。；]{0,18}$|(?:包给|承包给|转给|交给|受雇于|跟着?|跟随|[给为帮由]|"
    r"在)(?:了|被告)?$"
)
_OWED = re.compile(
    r"[^，。；、]{0,10}?(?:拖?欠(?!条)|未付|没付|没给|不给|付给|支付|给付|付清|结算|结清|出具|打(?:下|了)?欠条|"
    r"承认|认可|雇|聘|招|负担|施工|承揽|承包|做[，。]|手下|叫来)"
)
_NOT_HIM = re.compile(
    r"(?:原告|证人|申请人|上诉人|第三人|工人|民工|员工|职工|死者|法官|律师|[、和与]|(?:拖?欠|支付|付给|"
    r"给付)(?:原告|被告|被上诉人)?)[一二1-9]?$"
)
_ROLES = frozenset({"包工头", "工头", "老板", "老板娘", "承包人", "承包商"})
_OWED_TO = re.compile(r"(?:欠|支付|付给|给付|向)(?:原告|被告|被上诉人|被申请人)$")
_NOT_AFTER = re.compile(r"等(?:人|[一二三四五六七八九十\d])|[、甲乙]|起诉|诉称|主张|到庭|作证|工资")


def private(text: str) -> Named | None:
    """包工头(姓辛), 个人(老李): a private debtor by role and surname, the given name left out."""
    for match in _FOREMAN.finditer(text):
        if (match["full"] and NO_NAME.search(match["full"])) or match["c"] == "赖":  # 老板是老赖 is no name
            continue
        role, surname = match["role"] or match["role2"], match["a"] or match["b"] or match["c"] or match["d"]
        return Named(f"{_role(role)}(姓{surname})", match.start(), match.end(), 1.0)
    if told := _without_a_name(text):
        return told
    if hirer := _HIRER.search(text):
        return Named(f"个人({hirer['who']})", hirer.start("who"), hirer.end("who"), 1.0)
    return _somebody(text) if "某" in text else None


def _without_a_name(text: str) -> Named | None:
    """活包给一个姓邬的, 老板只晓得姓粟, 田老板承包."""
    if "姓" in text and (match := _UNNAMED.search(text)):
        return Named(f"{_role(match['role'] or '包工头')}(姓{match['e'] or match['g']})", *match.span(), 1.0)
    for match in _BY_TITLE.finditer(text):
        if before := _SURNAME_BEFORE.search(text, max(0, match.start() - 3), match.start()):
            return Named(f"{_role(match['role'])}(姓{before['f']})", before.start("f"), match.end(), 1.0)
    return None


def _role(said: str) -> str:
    """The role by which a private debtor is kept: one of four that tell no two debts apart (incidents/names.py)."""
    if said.startswith("被"):
        return "被告"
    return "包工头" if said.startswith(("带班", "班组")) else said if said in _ROLES else "个人"


def _somebody(text: str) -> Named | None:
    """The one of the people called 某 who is spoken of as a debtor is, by what is said of each in all places."""
    people: dict[str, tuple[float, str, int, int, set[str]]] = {}
    for match in _SOMEBODY.finditer(text):
        before = text[max(0, match.start() - 26) : match.start()]
        role, hired = _ROLE.search(before), _HIRED_OUT.search(before)
        owed, other = _OWED.match(text, match.end()), _NOT_HIM.search(before) or _NOT_AFTER.match(text, match.end())
        weight = (
            2.0 * bool(role)
            + 1.5 * bool(hired)
            + 1.5 * bool(owed)
            - 2.5 * (bool(other) and (not role or bool(_OWED_TO.search(before))))
        )
        signs = {name for name, holds in (("defendant", role), ("work for", hired), ("person owes", owed)) if holds}
        held = people.get(match["who"], (0.0, "", match.start(), match.end(), set()))
        name = (role["role"] if role else "") or held[1]
        people[match["who"]] = (held[0] + weight, name, held[2], held[3], held[4] | signs)
    best = max(people, key=lambda who: people[who][0], default="")
    if not best or people[best][0] < 1.5:
        return None
    weight, role_name, start, end, signs = people[best]
    return Named(f"{_role(role_name)}({best})", start, end, min(4.0, weight), frozenset(signs))
