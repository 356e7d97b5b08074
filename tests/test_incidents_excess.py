"""Which areas and trades stand out now, and how far an incident has gone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from monitor.incidents.excess import NEEDED, outlook
from monitor.incidents.reach import Seen, voices

TODAY = date(2026, 6, 30)
MORNING = datetime(2026, 6, 30, 1, 0, tzinfo=UTC)
Case = tuple[date, str, str]


def quiet(days: int = 120) -> list[Case]:
    """A case in every town each week, of changing trades."""
    towns, trades = ("青石镇", "柳溪镇", "南渡镇"), ("manufacturing", "food_delivery", "catering_hotel")
    return [
        (TODAY - timedelta(days=back), towns[back % 3], trades[back // 3 % 3])
        for back in range(days)
        if back % 7 in (1, 3, 5)
    ]


def burst(town: str, trade: str, cases: int = 6) -> list[Case]:
    return [(TODAY - timedelta(days=back % 3), town, trade) for back in range(cases)]


def test_one_trade_in_one_town_is_told_once_with_its_figures() -> None:
    told = outlook(quiet() + burst("柳溪镇", "food_delivery"), TODAY)
    (one,) = told.found
    assert (one.area, one.sector, one.usual.seen >= 6) == ("柳溪镇", "food_delivery", True)
    assert one.usual.expected < 1
    assert TODAY - timedelta(days=3) <= one.since <= TODAY
    assert told.enough
    assert told.watched == 3 + 3 + 9


def test_a_trade_that_rises_everywhere_is_told_for_the_whole_county() -> None:
    rising = [case for town in ("青石镇", "柳溪镇", "南渡镇", "北湾镇") for case in burst(town, "manufacturing", 2)]
    assert (None, "manufacturing") in {(one.area, one.sector) for one in outlook(quiet() + rising, TODAY).found}


def test_cases_of_an_unknown_town_count_for_their_trade_alone() -> None:
    found = outlook(quiet() + burst("", "manufacturing", 8), TODAY).found
    assert {(one.area, one.sector) for one in found} == {(None, "manufacturing")}


def test_nothing_is_said_of_a_quiet_county_or_before_there_is_a_baseline() -> None:
    assert outlook(quiet(), TODAY).found == ()
    young = outlook(burst("柳溪镇", "food_delivery", 40), TODAY)
    assert (young.enough, young.found, young.needed) == (False, (), NEEDED)
    assert outlook([], TODAY).history == 1


def test_what_lies_ahead_is_not_counted() -> None:
    ahead = [(TODAY + timedelta(days=1), "柳溪镇", "food_delivery")] * 9
    assert outlook(quiet() + ahead, TODAY) == outlook(quiet(), TODAY)


# ------------------------------------------------------------------ how far it has gone
def at(hours: float) -> datetime:
    return MORNING + timedelta(hours=hours)


def test_posts_reposts_and_comments_are_one_count_that_never_falls() -> None:
    appeared = [("a", at(0)), ("b", at(2))]
    seen = [
        Seen("a", at(1), reposts=4, comments=None), Seen("a", at(3), reposts=3, comments=6),
        Seen("a", at(4), reposts=2, comments=2), Seen("b", at(4), reposts=None, comments=None),
    ]  # fmt: skip
    assert voices(appeared, seen) == [(at(0), 1.0), (at(1), 5.0), (at(2), 6.0), (at(3), 11.0), (at(4), 11.0)]
    assert voices([], []) == []
