"""Tells of a person about to harm themselves or be harmed. Knows phrases; knows no score, and no score silences it.

Tuned for recall: a false alarm costs a person a minute, a miss may cost a life, so any such hit goes to a person.
"""

from __future__ import annotations

import re

_ACT = re.compile(
    r"跳楼|跳桥|跳河|跳江|跳塔|爬塔吊|(?:爬|站|坐|上)(?:上|到|在|了)?[^。！？!?\n]{0,8}(?:塔吊|楼顶|天台|烟囱|广告牌|吊臂|水塔|电塔|桥栏)"
    r"|(?:塔吊|楼顶|天台|烟囱|广告牌|吊臂|水塔|电塔|桥栏)[^。！？!?\n]{0,10}(?:上面|爬|站|坐|不下来|往下跳)"
    r"|(?:喝|吃)(?:了)?(?:农药|百草枯|敌敌畏|老鼠药|安眠药)|割腕|自焚|(?:浇|泼|点|倒)(?:了)?[^。！？!?\n]{0,4}汽油"
    r"|自杀|轻生|寻短见|上吊|不想活|活不下去|不活了|没(?:有)?活路|死路一条|死给(?:你|他|大家)|一死了之|以死|遗书|同归于尽"
    r"|(?:下辈子|来世)[^。！？!?\n]{0,8}(?:再|做|还)|走(?:上)?绝路|逼上绝路|逼死|想死的心"
)
_NOT_MEANT = re.compile(r"跳楼(?:价|机|大甩卖|促销)|(?:防止|预防|严防)[^。！？!?\n]{0,6}(?:自杀|轻生)")


def spans(text: str) -> list[tuple[int, int]]:
    """Where the normalised text speaks of it: half-open character spans, empty where it does not."""
    return [match.span() for match in _ACT.finditer(text) if not _NOT_MEANT.match(text, match.start())]
