"""The alert budget: fair by level, whoever comes first; red is outside; nothing is lost without a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Level, Notification, Occasion
from monitor.routing.budget import CEILINGS, Queued, Ration, ration

OFFICERS = ("housing@example.invalid", "hrss@example.invalid")
BELOW_RED = (Level.BLUE, Level.YELLOW, Level.ORANGE)


def message(number: int, level: Level, who: str = OFFICERS[0], *, life_risk: bool = False) -> Notification:
    return Notification(
        key=f"{number}:{who}", occasion=Occasion.FIRST, channel="mail", recipient=who, reason="线索", level=level,
        data={"life_risk": life_risk},
    )  # fmt: skip


def many(**levels: int) -> list[Notification]:
    wanted = [level for name, count in levels.items() for level in [Level(name)] * count]
    return [message(number, level) for number, level in enumerate(wanted)]


def counted(sent: Ration) -> dict[str, int]:
    found = {level.value: 0 for level in Level}
    for one in sent.send:
        found[one.level.value] += 1
    return found


# ------------------------------------------------------------------ examples
@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        ({"blue": 40}, {"blue": 15, "yellow": 0, "orange": 0, "red": 0}),
        ({"yellow": 40}, {"blue": 0, "yellow": 24, "orange": 0, "red": 0}),
        ({"orange": 40}, {"blue": 0, "yellow": 0, "orange": 30, "red": 0}),
        ({"blue": 40, "yellow": 40, "orange": 40, "red": 40}, {"blue": 0, "yellow": 0, "orange": 30, "red": 40}),
        ({"blue": 40, "orange": 4}, {"blue": 15, "yellow": 0, "orange": 4, "red": 0}),
        ({"blue": 3, "yellow": 2}, {"blue": 3, "yellow": 2, "orange": 0, "red": 0}),
    ],
)
def test_a_round_of_one_officer_with_thirty_a_day(wanted: dict[str, int], sent: dict[str, int]) -> None:
    assert counted(ration(many(**wanted), spent={}, budget=30)) == sent


def test_a_late_orange_finds_room_behind_early_blues() -> None:
    """Thirty blue alerts came first in the morning; the old budget was gone and the orange of noon was put aside."""
    morning = ration(many(blue=30), spent={}, budget=30)
    assert (len(morning.send), len(morning.aside)) == (15, 15)
    spent = {OFFICERS[0]: {Level.BLUE.rank: 15, Level.YELLOW.rank: 9}}
    noon = ration(many(orange=6, yellow=1), spent=spent, budget=30)
    assert [one.level for one in noon.send] == [Level.ORANGE] * 6
    assert "黄" in noon.aside[0].reason


def test_what_has_not_left_makes_room_for_what_matters_more() -> None:
    spent = {OFFICERS[0]: {Level.BLUE.rank: 15, Level.YELLOW.rank: 9, Level.ORANGE.rank: 6}}
    night = [Queued("blue:1", OFFICERS[0], Level.BLUE), Queued("yellow:1", OFFICERS[0], Level.YELLOW)]
    found = ration(many(orange=3), spent=spent, budget=30, queued=night)
    assert [key for key, _ in found.displaced] == ["blue:1", "yellow:1"]  # the lowest level first
    assert (len(found.send), len(found.aside)) == (2, 1)
    assert "橙" in found.displaced[0][1]
    others = [Queued("blue:2", OFFICERS[1], Level.BLUE), Queued("orange:9", OFFICERS[0], Level.ORANGE)]
    assert ration(many(orange=1), spent=spent, budget=30, queued=others).displaced == ()


def test_every_reason_names_what_was_full() -> None:
    found = ration(many(blue=16), spent={}, budget=30)
    assert "蓝级" in found.aside[0].reason
    assert "15封" in found.aside[0].reason
    full = ration(many(orange=31), spent={}, budget=30)
    assert "上限30封" in full.aside[0].reason
    assert all("日报" in one.reason for one in (*found.aside, *full.aside))


def test_a_repeat_of_what_is_queued_costs_nothing_and_is_never_put_aside() -> None:
    spent = {OFFICERS[0]: {Level.ORANGE.rank: 30}}
    again = message(1, Level.BLUE)
    assert ration([again], spent=spent, budget=30, exempt={again.key}).send == (again,)
    assert ration([message(2, Level.BLUE, life_risk=True)], spent=spent, budget=30).aside == ()


# ------------------------------------------------------------------ properties
rounds = st.lists(
    st.lists(st.tuples(st.sampled_from(list(Level)), st.sampled_from(OFFICERS)), max_size=40), min_size=1, max_size=6
)


@given(rounds, st.integers(0, 12))
def test_a_day_of_rounds_is_fair_bounded_and_loses_nothing(day: list[list[tuple[Level, str]]], budget: int) -> None:
    spent: dict[str, dict[int, int]] = {}
    queued: list[Queued] = []
    number = 0
    for wanted in day:
        messages = [message(number := number + 1, level, who) for level, who in wanted]
        found = ration(messages, spent=spent, budget=budget, queued=queued)
        assert sorted([*(one.key for one in found.send), *(one.notification.key for one in found.aside)]) == sorted(
            one.key for one in messages
        )
        assert all(one.reason for one in found.aside)
        _fair(found)
        gone = {key for key, _ in found.displaced}
        for one in queued:
            if one.key in gone:
                spent[one.recipient][one.level.rank] -= 1
        queued = [one for one in queued if one.key not in gone]
        for sent in found.send:
            if sent.level is not Level.RED:
                counts = spent.setdefault(sent.recipient, {})
                counts[sent.level.rank] = counts.get(sent.level.rank, 0) + 1
                if int(sent.key.split(":")[0]) % 2:  # every second one has not left when the next round comes
                    queued.append(Queued(sent.key, sent.recipient, sent.level))
        for counts in spent.values():
            for level, share in CEILINGS.items():
                assert sum(count for rank, count in counts.items() if rank <= level.rank) <= int(budget * share)


def _fair(found: Ration) -> None:
    """Within a round: red always, and nothing lower to an officer from whom something higher was kept."""
    aside = [one.notification for one in found.aside]
    assert not [one for one in aside if one.level is Level.RED]
    for who in OFFICERS:
        kept = max((one.level.rank for one in aside if one.recipient == who), default=-1)
        assert not [one for one in found.send if one.recipient == who and one.level.rank < kept]


@given(st.lists(st.sampled_from(BELOW_RED[:2]), max_size=80), st.integers(5, 40))
def test_whatever_came_before_a_fifth_of_the_day_is_left_for_orange(before: list[Level], budget: int) -> None:
    morning = ration([message(n, level) for n, level in enumerate(before)], spent={}, budget=budget)
    spent = {OFFICERS[0]: {level.rank: sum(one.level is level for one in morning.send) for level in BELOW_RED}}
    room = budget - int(budget * CEILINGS[Level.YELLOW])
    late = ration([message(1000 + n, Level.ORANGE) for n in range(room)], spent=spent, budget=budget)
    assert late.aside == ()


@given(st.permutations(range(12)), st.integers(0, 8))
def test_the_order_of_arrival_within_a_round_decides_nothing_between_levels(order: list[int], budget: int) -> None:
    messages = [message(number, list(Level)[number % 4]) for number in range(12)]
    found = ration([messages[number] for number in order], spent={}, budget=budget)
    assert counted(found) == counted(ration(messages, spent={}, budget=budget))
