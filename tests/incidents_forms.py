"""Invented posts of known debts, filled into a few forms as hurried people fill them. Names of 青禾县's towns only."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass

SIGNS = "锦禾望澜庚辛丙岚松竹梅溪湖云海泰恒盛荣华瑞祥安康宁福源鑫宏达兴隆昌茂裕和顺永丰利金玉宝石青柳白桃李杏桂枫"
TOWNS = ("青石镇", "柳溪镇", "白河乡", "松岭街道", "南渡镇", "北湾镇")
PROJECTS = (
    "苑",
    "花园",
    "家园",
    "广场",
    "学校教学楼",
    "安置房",
    "产业园",
    "污水处理厂",
    "大桥",
    "公馆",
    "名邸",
    "小区二期",
)
EMPLOYERS = (
    "建筑劳务有限公司",
    "建设有限公司",
    "电子厂",
    "服装厂",
    "餐饮管理有限公司",
    "装饰工程有限公司",
    "物流有限公司",
    "家具厂",
    "火锅店",
)
GENERIC = ("某公司", "包工头", "劳务公司", "老板", "项目部", "物业公司", "电子厂")
JOBS = ("木工", "钢筋工", "泥瓦工", "水电工", "外卖骑手", "缝纫工", "服务员", "保洁员", "焊工", "架子工")
BEFORE = (
    "求助！",
    "领导您好，",
    "有没有人管管，",
    "大家帮帮忙转发，",
    "实在没办法了，",
    "投诉：",
    "网友反映，",
    "快过年了，",
    "",
)
AFTER = (
    "请求有关部门尽快解决。",
    "家里老人孩子等着用钱。",
    "还我们血汗钱！",
    "打电话不接，微信拉黑。",
    "希望尽快落实。",
    "多次催要无果。",
    "",
)
FORMS = (
    "我们{n}名{job}在{town}{who}干活，被拖欠{months}个月工资共{money}。",
    "{who}拖欠{n}名{job}工资{money}，到现在一分没给。",
    "{who}老板不发工资，{job}们{months}个月没拿到钱了。",
    "我是{who}的{job}，干了{months}个月，工资一直拖着不给。",
    "曝{who}欠薪{months}个月，{n}名工人讨要{money}。",
)


@dataclass(frozen=True, slots=True)
class Debt:
    employer: str
    project: str | None
    town: str
    job: str
    workers: int
    amount: int
    months: int
    start: float  # hours


def posts(number: int, seed: int) -> list[tuple[float, int, str]]:
    """(hour, debt, text) in order of time; one debt in thirty names nobody and is told once."""
    chance, used = random.Random(seed), set[str]()
    debts = [_debt(chance, used) for _ in range(number // 12)]
    found: list[tuple[float, int, str]] = []
    for which, debt in enumerate(debts):
        told: list[str] = []
        for _ in range(1 if debt.employer in GENERIC else min(2 + int(chance.paretovariate(1.1)), 60)):
            again = bool(told) and chance.random() < 0.35
            text = chance.choice(("转：", "", "【转发】")) + chance.choice(told) if again else _write(chance, debt)
            told.append(text)
            found.append((debt.start + chance.expovariate(1 / 60), which, text))
    named = [which for which, debt in enumerate(debts) if debt.employer not in GENERIC]
    while len(found) < number:
        which = chance.choice(named)
        found.append((debts[which].start + chance.expovariate(1 / 60), which, _write(chance, debts[which])))
    return sorted(found if len(found) == number else chance.sample(found, number))


def faults(debts: list[int], incidents: list[str]) -> tuple[float, float]:
    """Share of posts that lie outside their incident's commonest debt (over-merged), outside their debt's incident."""
    of_incident, of_debt = defaultdict[str, Counter[int]](Counter), defaultdict[int, Counter[str]](Counter)
    for debt, incident in zip(debts, incidents, strict=True):
        of_incident[incident][debt] += 1
        of_debt[debt][incident] += 1
    over = sum(count.total() - max(count.values()) for count in of_incident.values())
    split = sum(count.total() - max(count.values()) for count in of_debt.values())
    return over / len(debts), split / len(debts)


def _debt(chance: random.Random, used: set[str]) -> Debt:
    nameless = chance.random() < 0.03
    employer = chance.choice(GENERIC) if nameless else _name(chance, used) + chance.choice(EMPLOYERS)
    project = None if nameless or chance.random() < 0.4 else _name(chance, used) + chance.choice(PROJECTS)
    amount = chance.choice((
        chance.randint(2, 300) * 1000, chance.randint(10_000, 999_999), chance.randint(1, 90) * 10_000,
    ))  # fmt: skip
    return Debt(
        employer, project, chance.choice(TOWNS), chance.choice(JOBS), chance.randint(2, 120), amount,
        chance.randint(1, 14), chance.random() * 600 * 24,
    )  # fmt: skip


def _name(chance: random.Random, used: set[str]) -> str:
    while (name := "".join(chance.sample(SIGNS, 3 if chance.random() < 0.5 else 2))) in used:
        pass
    used.add(name)
    return name


def _write(chance: random.Random, debt: Debt) -> str:
    who = debt.employer
    if debt.project:
        who = f"{debt.employer}承建的{debt.project}项目" if chance.random() < 0.5 else f"{debt.project}项目"
    money = chance.choice((f"{debt.amount}元", f"{debt.amount / 10000:g}万元", f"{debt.amount / 10000:g}万"))
    told = chance.choice(FORMS).format(
        n=debt.workers, job=debt.job, town=debt.town, who=who, months=debt.months, money=money
    )
    return chance.choice(BEFORE) + told + chance.choice(AFTER)
