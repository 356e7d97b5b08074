"""Chinese surnames, for telling a person's name from other words, and the packaged word lists. Knows nobody."""

import re
from functools import lru_cache
from importlib.resources import files

import yaml

SINGLE = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝"
    "邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵湛汪祁毛狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌"
    "霍虞万支柯管卢莫房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀惠曲封储靳段富巫乌焦巴牧谷车侯全班仰仲宫宁仇甘武符刘景詹束龙叶幸司黎印宿白怀蒲赖卓蔺屠蒙"
    "池乔阴胥苍闻莘党翟谭贡劳姬申扶冉雍桑桂牛寿边燕冀浦尚农温庄晏柴瞿阎慕连习艾鱼容向古易慎戈廖耿匡寇广欧利师巩聂晁敖冷辛阚简饶曾关蒯相查游权覃付代肖闫涂邸佟佘阙郜栾苟粟鞠隋谌甄仝牟丘旷漆芦冼揭禹訾庹亓逯"
)
DOUBLE = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "司徒",
    "夏侯",
    "端木",
    "百里",
    "南宫",
)
SURNAME = rf"(?:{'|'.join(DOUBLE)}|[{SINGLE}])"


@lru_cache(maxsize=1)
def _lists() -> dict[str, str]:
    with (files("monitor.facts") / "words.yaml").open(encoding="utf-8") as file:
        lists: dict[str, str] = yaml.safe_load(file)
    return lists


def word_list(name: str) -> frozenset[str]:
    """One of the packaged word lists: stops, weak_stops, first_stops, no_names."""
    return frozenset(_lists()[name].split())


_ENDINGS = "公司厂店队局院校部办会所站组镇县市区村乡街路苑园台段期"  # 甲木建工部: a body, not a person
NO_NAME = re.compile(rf"[{_ENDINGS}]$|^(?:{'|'.join(sorted(word_list('no_names')))})")
