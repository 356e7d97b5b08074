"""Which incident a list's row is about, and what two lists say of the debts that neither saw."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.facts.cell import nobody
from monitor.incidents.listed import NOTHING, Called, Debt, Fit, Grade, Sighting, Sightings, debts, fit
from monitor.incidents.recapture import FEWEST, REFUSALS, Audit, audit, chapman, refusal
from monitor.listed import Judged, Kept, Listed, key_of, keyed
from monitor.model import RegisterRow

DAY = date(2026, 11, 10)
AT = datetime(2026, 11, 20, tzinfo=UTC)
SITE, FIRM, CREW, HERE, THERE = "锦禾苑三期", "甲木建工", "乙禾劳务", "柳溪镇", "东岸街道"
BOSS, LEADER, WATER = "个人(姓张)", "包工头(姓张)", "戊泉水务工程公司"
SURE, MAYBE, NO = "certain", "perhaps", "none"
REGISTER = (
    RegisterRow(kind="project", name=SITE, aliases=("锦禾苑3期",), town=HERE, employers=("丙川置业", FIRM)),
    RegisterRow(kind="project", name="望江台", town="东岸街道", employers=("丙川置业", "乙禾劳务")),
    RegisterRow(kind="employer", name="戊泉水务工程公司", aliases=("戊泉水务",)),
)  # fmt: skip
CALLED = Called(REGISTER)


def row(**told: Any) -> Listed:
    return Listed(**{"day": DAY, **told})


def seen(**told: Any) -> Sighting:
    return Sighting(**{"incident": "QX-2026-0001", "title": "", "first": DAY, "last": DAY, **told})


# ------------------------------------------------------------------ one row, one incident
@pytest.mark.parametrize(
    ("listed", "sighted", "grade", "why"),
    [
        (row(project=SITE), seen(project="锦禾苑"), SURE, "project"),
        (row(project="锦禾苑3期"), seen(project=SITE, employer=FIRM), SURE, "project"),
        (row(employer="锦禾苑三期项目部"), seen(project=SITE), SURE, "crossed"),
        (row(project=SITE, workers=1, amount_yuan=9_000.0), seen(project=SITE, workers=23), SURE, "project"),
        (row(project=SITE, amount_yuan=9e6), seen(project=SITE, amount_yuan=1e5), SURE, "project"),
        (row(project=SITE, town=THERE), seen(project=SITE, town=HERE), MAYBE, "other_town"),
        (row(project=SITE, employer=CREW), seen(project=SITE, employer=FIRM), SURE, "project"),
        (row(project="望江台", employer=FIRM), seen(project=SITE, employer=FIRM), NO, "nothing"),
        (row(employer="望舟市甲木建工有限公司", town=HERE), seen(employer=FIRM, town=HERE), SURE, "employer"),
        (row(employer="戊泉水务", amount_yuan=2.6e5), seen(employer=WATER, amount_yuan=2.55e5), SURE, "employer"),
        (row(employer=FIRM), seen(employer=FIRM), MAYBE, "name_only"),
        (row(employer=FIRM, workers=1), seen(employer=FIRM, workers=1), MAYBE, "name_only"),
        (row(employer=FIRM, town=HERE, workers=90), seen(employer=FIRM, town=HERE, workers=12), MAYBE, "larger"),
        (row(employer=FIRM, town=HERE, workers=2), seen(employer=FIRM, town=HERE, workers=12), SURE, "employer"),
        (row(employer=FIRM), seen(project=SITE), MAYBE, "chain"),
        (row(project="望江台"), seen(employer=CREW), MAYBE, "chain"),
        (row(employer=FIRM), seen(project=SITE, employer="申禾劳务"), MAYBE, "chain"),
        (row(employer="丁岳路桥", town=HERE), seen(employer=FIRM, town=HERE), NO, "nothing"),
        (row(employer=BOSS, amount_yuan=18_450.0), seen(employer=LEADER, amount_yuan=18_450.0), MAYBE, "figures"),
        (row(employer=BOSS, amount_yuan=20_000.0), seen(employer=LEADER, amount_yuan=20_000.0), NO, "nothing"),
        (row(employer=LEADER), seen(employer=LEADER), NO, "nothing"),
        (row(project=SITE, day=DAY + timedelta(days=45)), seen(project=SITE), MAYBE, "long_ago"),
        (row(project=SITE, day=DAY + timedelta(days=61)), seen(project=SITE), NO, "nothing"),
        (row(project=SITE, day=DAY - timedelta(days=61)), seen(project=SITE), NO, "nothing"),
    ],
)  # fmt: skip
def test_a_row_and_an_incident(listed: Listed, sighted: Sighting, grade: str, why: str) -> None:
    found = fit(listed, sighted, CALLED)
    assert (found.grade, found.why) == (Grade(grade), why)
    assert found.incident == (None if grade == NO else "QX-2026-0001")


def test_of_two_incidents_that_fit_alike_a_person_chooses() -> None:
    told = {"employer": FIRM, "town": HERE}
    both = Sightings([seen(**told), seen(incident="QX-2026-0002", **told)], CALLED)  # fmt: skip
    found = both.best(row(employer=FIRM, town=HERE))
    assert (found.grade, found.why, found.values["count"]) == (Grade.PERHAPS, "several", 2)


def test_the_site_comes_before_the_firm_and_the_nearer_day_before_the_other() -> None:
    sightings = Sightings(
        [
            seen(incident="A", employer=FIRM, town=HERE),
            seen(incident="B", project=SITE, first=DAY - timedelta(days=20)),
        ],
        CALLED,
    )
    assert sightings.best(row(project=SITE, employer=FIRM, town=HERE)).incident == "B"


def test_what_a_person_said_comes_first_and_can_be_taken_back() -> None:
    sightings = Sightings([seen(employer=FIRM)], CALLED)
    told = row(employer=FIRM)
    assert sightings.best(told).grade is Grade.PERHAPS
    assert sightings.best(told, [Judged("QX-2026-0001", True, "zhou", AT)]).grade is Grade.CERTAIN
    assert sightings.best(told, [Judged("QX-2026-0001", False, "zhou", AT)]).grade is Grade.NONE
    assert sightings.best(told, [Judged("QX-2026-0009", True, "zhou", AT)]).incident == "QX-2026-0009"


NAMES = st.sampled_from(
    [
        None,
        "石鼓岭高标准农田",
        "石鼓岭标高准农田",
        "石鼓岭高标农田",
        "望舟市甲木",
        SITE,
        "锦禾苑",
        "望江台",
        FIRM,
        "望舟市甲木建工有限公司",
        CREW,
        "公司",
        "个人(姓张)",
    ]
)
SOME = st.builds(
    row, project=NAMES, employer=NAMES, town=st.sampled_from([None, HERE, THERE]),
    workers=st.sampled_from([None, 1, 12, 90]), amount_yuan=st.sampled_from([None, 18_450.0, 90_000.0]),
    day=st.dates(DAY - timedelta(days=70), DAY + timedelta(days=70)),
)  # fmt: skip


@given(SOME, SOME)
def test_the_index_finds_whatever_fits(one: Listed, other: Listed) -> None:
    told = {name: getattr(other, name) for name in ("employer", "project", "town", "sector", "workers", "amount_yuan")}
    sighted = seen(first=other.day, last=other.day, **told)
    direct = fit(one, sighted, CALLED)
    assert Sightings([sighted], CALLED).best(one) == (direct if direct.grade is not Grade.NONE else NOTHING)


@given(st.lists(SOME, max_size=12))
def test_no_row_is_lost_or_counted_twice(rows: list[Listed]) -> None:
    kept = [Kept(key, "12345热线", one) for key, one in keyed("12345热线", rows).items()]
    told = debts(kept, Sightings([seen(project=SITE)], CALLED), {})
    assert sorted(one.key for debt in told for one in debt.rows) == sorted(one.key for one in kept)
    assert len(kept) == len(rows)
    assert all(a.day <= b.day for a, b in pairwise(told))


def test_two_workers_of_one_debt_are_one_debt() -> None:
    rows = [row(project="望江台", workers=1), row(project="望江台", workers=1), row(project=SITE)]
    kept = [Kept(key, "12345热线", one) for key, one in keyed("12345热线", rows).items()]
    assert sorted(len(debt.rows) for debt in debts(kept, Sightings((), CALLED), {})) == [1, 2]


def test_a_key_is_the_same_for_the_same_row_and_another_for_its_twin() -> None:
    one = row(project="望江台")
    assert key_of("a", one, 0) == key_of("a", replace(one), 0) != key_of("a", one, 1) != key_of("b", one, 0)


# ------------------------------------------------------------------ no person
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("张建国", "个人(姓张)"),
        ("欧阳建国", "个人(姓欧阳)"),
        ("张建国包工队", "包工头(姓张)"),
        ("李建军（施工队）", "个人(姓李)（施工队）"),
        ("张建国等30人", "个人(姓张)"),
        ("甲木建工 13812345678", "甲木建工"),
        ("乙禾劳务（负责人：赵六）", "乙禾劳务（负责人：赵**）"),
        ("甲木建工", "甲木建工"),
        ("程家村", "程家村"),
        ("锦禾苑12号楼3单元502室", "锦禾苑"),
    ],
)
def test_a_cell_keeps_no_person(written: str, kept: str) -> None:
    assert nobody(written)[0] == kept
    assert nobody(kept) == (kept, False)


def test_a_firm_of_the_register_keeps_its_name_though_it_sounds_like_somebodys() -> None:
    assert nobody("石泉", {"石泉"}) == ("石泉", False)


# ------------------------------------------------------------------ the estimate
@pytest.mark.parametrize(
    ("listed", "net", "both", "total", "error"),
    [  # hepatitis A in a Taiwanese college, pairs of three sources (Chao et al. 2001, Statistics in Medicine 20)
        (135, 122, 49, 334, 29),
        (135, 126, 45, 374, 36),
        (122, 126, 46, 331, 30),
    ],
)
def test_chapman_of_published_counts(listed: int, net: int, both: int, total: int, error: int) -> None:
    found = chapman(listed, net, both)
    assert (round(found.total), round(found.error)) == (total, error)
    assert found.total - (listed + net - both) == pytest.approx(found.unseen)


def test_the_interval_of_a_published_example() -> None:
    """Ten marked, fifteen caught, five of them marked: 28, by the transformed logit 22 to 65 (Sadinle 2009)."""
    found = chapman(10, 15, 5)
    assert (round(found.total), round(found.lo), round(found.hi)) == (28, 22, 65)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_an_estimate_is_never_less_than_what_is_known(only_listed: int, only_net: int, both: int) -> None:
    found = chapman(only_listed + both, only_net + both, both)
    known = only_listed + only_net + both
    assert known <= found.lo <= found.hi
    assert found.total >= known - 1e-9
    assert found.unseen_lo <= found.unseen <= found.unseen_hi + 1e-9
    turned = chapman(only_net + both, only_listed + both, both)
    assert (found.total, found.hi) == pytest.approx((turned.total, turned.hi))


def test_more_on_both_lists_mean_fewer_unseen() -> None:
    unseen = [chapman(60, 40, both).unseen for both in range(7, 41)]
    assert all(a > b for a, b in pairwise(unseen))


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="both"):
        chapman(3, 5, 4)


@pytest.mark.parametrize(
    ("debts_", "by_list", "by_net"),
    [(60, 0.5, 0.5), (100, 0.5, 0.3), (200, 0.3, 0.2), (50, 0.4, 0.6), (400, 0.2, 0.15)],
)
def test_the_interval_holds_the_truth_as_often_as_it_says(debts_: int, by_list: float, by_net: float) -> None:
    """Independent lists with a known truth, a thousand times: 95 % or a little more, and hardly any bias."""
    chance, held, off, done = random.Random(debts_), 0, 0.0, 0
    while done < 1000:
        drawn = [(chance.random() < by_list, chance.random() < by_net) for _ in range(debts_)]
        counts = sum(a for a, _ in drawn), sum(b for _, b in drawn), sum(a and b for a, b in drawn)
        if counts[2] < FEWEST:
            continue
        found = chapman(*counts)
        held, off, done = held + (found.lo <= debts_ <= found.hi), off + found.total - debts_, done + 1
    assert 0.935 <= held / done <= 0.99
    assert abs(off / done) < 0.06 * debts_


def test_lists_that_lean_on_each_other_give_too_few() -> None:
    """Why quoting posts are counted: whoever posts is likelier to call, and the estimate falls below the truth."""
    chance, low = random.Random(3), 0
    for _ in range(300):
        drawn = [(posts := chance.random() < 0.4, chance.random() < (0.7 if posts else 0.2)) for _ in range(120)]
        found = chapman(sum(a for a, _ in drawn), sum(b for _, b in drawn), sum(a and b for a, b in drawn))
        low += found.total < 120
    assert low > 290


@pytest.mark.parametrize(
    ("listed", "both", "quoting", "waiting", "why"),
    [
        (20, 6, 0, 0, "few"),
        (20, 7, 0, 0, ""),
        (20, 7, 2, 0, ""),
        (20, 7, 3, 0, "dependent"),
        (20, 7, 0, 6, ""),
        (20, 7, 0, 7, "waiting"),
        (0, 0, 0, 0, "few"),
    ],
)
def test_when_no_estimate_is_given(listed: int, both: int, quoting: int, waiting: int, why: str) -> None:
    assert refusal(listed, both, quoting=quoting, waiting=waiting) == why
    assert not why or why in REFUSALS


# ------------------------------------------------------------------ the audit
def debt(day: date, sighting: Sighting | None = None, *, grade: Grade = Grade.NONE, **told: Any) -> Debt:
    source = "12345热线"
    one = row(day=day, project="望江台", **told)
    found = Fit(Grade.CERTAIN if sighting else grade, "project", sighting.incident if sighting else None)
    return Debt((Kept(key_of(source, one, 0), source, one),), found, sighting)


def audited(told: list[Debt], net: list[Sighting], quoted: int = 0) -> Audit:
    def quoting(ids: Collection[str]) -> int:
        assert set(ids) <= {one.incident for one in net}
        return quoted

    november = (date(2026, 11, 1), date(2026, 11, 30))
    found = audit(told, net, [november], (date(2026, 10, 1), date(2026, 12, 31)), quoting)
    assert found is not None
    return found


def test_an_audit_counts_each_debt_once_on_one_day() -> None:
    first = seen(incident="A", first=date(2026, 11, 3), town="柳溪镇")
    before = seen(incident="B", first=date(2026, 10, 28))  # seen before, listed within: counted with both
    after = seen(incident="C", first=date(2026, 11, 29))  # seen within, listed after: counted with neither
    alone = seen(incident="D", first=date(2026, 11, 20))
    early = seen(incident="E", first=date(2026, 10, 2))
    told = [
        debt(date(2026, 11, 5), first),
        debt(date(2026, 11, 1), before),
        debt(date(2026, 12, 2), after),
        debt(date(2026, 11, 9), town="东岸街道", sector="mining"),
        debt(date(2026, 11, 12), grade=Grade.PERHAPS),
    ]
    found = audited(told, [first, before, after, alone, early])
    assert (found.first, found.last, found.days) == (date(2026, 11, 1), date(2026, 11, 30), 30)
    assert (found.listed, found.both, found.waiting, found.net, found.rows) == (3, 2, 1, 3, 4)
    assert found.ahead == (2, 4)
    assert (found.earlier, found.same_day, found.later) == (2, 0, 0)
    assert {(one.value, one.listed, one.seen) for one in found.towns} == {
        ("", 1, 1),
        ("东岸街道", 1, 0),
        ("柳溪镇", 1, 1),
    }
    assert [(one.value, one.listed, one.seen) for one in found.by_source] == [("12345热线", 3, 2)]
    assert (found.refused, found.estimate) == ("few", None)


def test_an_audit_of_enough_debts_estimates_and_tells_who_was_first() -> None:
    net = [seen(incident=f"N{n}", first=DAY + timedelta(days=n - 4)) for n in range(9)]
    told = [debt(DAY, one) for one in net] + [debt(DAY, town=str(n)) for n in range(6)]
    found = audited(told, [*net, seen(incident="X", first=DAY)], quoted=3)
    assert (found.refused, found.estimate) == ("", chapman(15, 10, 9))
    assert found.bars() == (0, 0, 3, 1, 1, 1, 3, 0, 0)
    assert sum(found.bars()) == found.both
    assert (found.earlier, found.same_day, found.later, found.median_ahead) == (4, 1, 4, 0)
    assert audited(told, net, quoted=4).refused == "dependent"


def test_days_that_no_list_speaks_for_are_no_period() -> None:
    told: list[Debt] = []
    assert audit(told, [], [], (DAY, DAY), len) is None
    assert audit(told, [], [(DAY + timedelta(days=1),) * 2], (DAY, DAY), len) is None
