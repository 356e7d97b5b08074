"""The overview: what its figures count, that each opens to exactly that, and that nobody sees more than before."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import webhouse
from ledgerhouse import county as plain_county
from sqlalchemy import insert
from webhouse import House

from classifiers.verdict import Flag, Kind
from monitor.clocks import Calendar
from monitor.commands.bench_digest import fill
from monitor.digest.overview import Overview, chains, overview, paid_after
from monitor.model import Act, Change, County, RegisterRow
from monitor.store import incidents, schema
from monitor.store.sampled import Sampled
from monitor.web.recall import recall

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CALENDAR = Calendar()


def row(number: int, **values: Any) -> dict[str, Any]:
    """An incident as the store gives it, opened thirty days ago."""
    facts = {"employer": "乙禾劳务", "project": "锦禾苑三期", "workers": 10, "amount_yuan": 50_000.0, "traits": []}
    return {
        "id": f"QX-2026-{number:04d}", "state": "handling", "level": "yellow", "opened_at": NOW - 30 * DAY,
        "facts": facts, "closed_at": None, "paid_yuan": 0, "paid_workers": 0, "closeout": {}, **values,
    }  # fmt: skip


def closed(number: int, after: int, **values: Any) -> dict[str, Any]:
    opened = values.pop("opened_at", NOW - 30 * DAY)
    return row(number, state="closed", opened_at=opened, closed_at=opened + after * DAY, **{"paid_yuan": 1.0, **values})


def seen(in_hand: list[Any], done: list[Any], due: dict[str, datetime], late: tuple[str, ...] = ()) -> Overview:
    return overview(in_hand, done, due=due, late=late, now=NOW, calendar=CALENDAR, length=45, stop=date(2027, 2, 4))


# ------------------------------------------------------------------ what is counted
def test_on_time_is_closed_on_time_of_all_closed_and_all_open_overdue() -> None:
    rows = [closed(1, 5), closed(2, 12), row(3), row(4)]
    due = {one["id"]: NOW - 20 * DAY for one in rows[:3]} | {rows[3]["id"]: NOW + DAY}
    found = seen(rows[2:], rows[:2], due)
    assert found.sets["on_time"] == {"QX-2026-0001"}
    assert found.sets["closed_late"] == {"QX-2026-0002"}
    assert found.sets["open_overdue"] == {"QX-2026-0003"}
    assert found.on_time_share == pytest.approx(1 / 3)
    assert seen([], [], {}).on_time_share is None


def test_days_to_payment_are_a_median_up_to_the_last_payment() -> None:
    opened = NOW - 30 * DAY
    paid = {"payments": [{"at": (opened + 2 * DAY).isoformat()}, {"at": (opened + 4 * DAY).isoformat()}]}
    rows = [closed(1, 9, closeout=paid), closed(2, 10), closed(3, 29), closed(4, 3, paid_yuan=0)]
    assert paid_after(rows[0]) == 4
    found = seen([], rows, {})
    assert found.median_days == 10
    assert found.sets["paid"] == {"QX-2026-0001", "QX-2026-0002", "QX-2026-0003"}
    assert seen([], [], {}).median_days is None


def test_the_limit_of_the_law_is_sixty_working_days() -> None:
    opened = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)  # a Monday; the Dragon Boat festival lies within
    rows = [closed(1, 80, opened_at=opened), closed(2, 95, opened_at=opened)]
    found = seen([], rows, {})
    assert found.sets["paid_within"] == {"QX-2026-0001"}
    assert found.sets["paid_beyond"] == {"QX-2026-0002"}
    assert found.within_share == 0.5


def test_every_case_in_hand_stands_under_one_blocker() -> None:
    rows = [row(1, state="assigned"), row(2), row(3, state="paid"), row(4, state="held")]
    found = seen(rows, [], {}, late=("QX-2026-0002",))
    blockers = {name: ids for name, ids in found.sets.items() if name.startswith("blocker_")}
    assert blockers == {
        "blocker_unsigned": {"QX-2026-0001"}, "blocker_late": {"QX-2026-0002"},
        "blocker_awaiting_approval": {"QX-2026-0003"}, "blocker_held": {"QX-2026-0004"},
    }  # fmt: skip


def test_a_chain_joins_owner_contractor_and_subcontractor() -> None:
    project = RegisterRow(kind="project", name="锦禾苑三期", aliases=("锦禾苑",), employers=("丙川置业", "甲木建工"))
    place = County(code="999901", name="青禾县", register=(project, RegisterRow(kind="employer", name="乙禾劳务")))
    other = {"employer": "己光电子厂", "project": None, "workers": 1, "amount_yuan": 1.0}
    rows = [row(1), row(2, state="closed", facts={**row(2)["facts"], "project": "锦禾苑"}), row(3, facts=other)]
    (chain,) = chains(rows, place, incidents.OPEN_STATES)
    assert (chain.project, chain.companies) == ("锦禾苑三期", ("丙川置业", "甲木建工"))
    assert (list(chain.incidents), chain.in_hand, chain.yuan) == (["QX-2026-0001", "QX-2026-0002"], 1, 100_000)
    assert chains(rows, plain_county(), incidents.OPEN_STATES) == []


# ------------------------------------------------------------------ on the pages
REGISTER = (
    RegisterRow(kind="project", name="锦禾苑三期", town="柳溪镇", employers=("丙川置业", "甲木建工")),
    RegisterRow(kind="project", name="柳溪中学", town="柳溪镇", employers=("甲木建工",)),
    RegisterRow(kind="employer", name="甲木建工"),
    RegisterRow(kind="employer", name="乙禾劳务"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    patch = pytest.MonkeyPatch()
    patch.setattr(webhouse, "COUNTY", County(code="999901", name="青禾县", towns=("柳溪镇",), register=REGISTER))
    built = webhouse.build(tmp_path_factory.mktemp("house"))
    patch.undo()
    fill(built.store, built.ledger.county, 160, last=date(2026, 11, 24))
    names = [f"QX-2026-{number}" for number in (9001, 9002)]
    unnamed = {**row(0)["facts"], "employer": "包工头老罗", "project": None}
    people = [{**stored(name), "facts": unnamed} for name in names]
    built.store.unit(lambda c: c.execute(insert(schema.incidents), people))
    return built


def stored(name: str) -> dict[str, Any]:
    return {
        "id": name, "version": 1, "state": "handling", "verification": "unverified", "level": "blue",
        "level_reasons": [], "title": "工地欠薪", "route": {}, "lead": "housing", "co": [], "town": "柳溪镇",
        "sector": "building_municipal", "posts": 1, "representative": "p", "opened_at": NOW - DAY,
        "updated_at": NOW - DAY, "closeout": {},
    }  # fmt: skip


def figures_of(page: str, path: str) -> list[tuple[str, int]]:
    """(address, number told) of every link into the list whose text ends in a count."""
    links = re.findall(r'<a [^>]*href="(/incidents\?[^"]+)"[^>]*>(.*?)</a>', page, re.S)
    found = []
    for address, text in links:
        plain = re.sub("<title>.*?</title>|<[^>]+>", " ", text)
        numbers = re.findall(r"(?<![\d.-])(\d+)(?![\d.-])", plain)
        if numbers and "万" not in plain and "%" not in plain and "天" not in plain:
            found.append((address.replace("&amp;", "&"), int(numbers[-1])))
    assert found, path
    return found


@pytest.mark.parametrize("person", ["lin", "jian"])
@pytest.mark.parametrize("path", ["/board", "/situation"])
def test_every_figure_opens_to_exactly_its_incidents(house: House, person: str, path: str) -> None:
    browser = house.browser(person)
    found = figures_of(browser.get(path).text, path)
    assert len(found) > 12
    for address, count in dict.fromkeys(found):
        listed = re.search(r"共 (\d+) 件", browser.get(address).text)
        assert listed, address
        assert int(listed[1]) == count, (person, path, address)


def test_the_board_tells_payment_punctuality_and_what_stands_in_the_way(house: House) -> None:
    page = house.browser("lin").get("/board").text
    for words in ("近 90 天中位数", "法定期限内付清", "按时办结率", "各单位超期", "限时清零", "卡在", "超期最久的事项"):
        assert words in page
    assert "set=blocker_" in page


def test_what_officials_owe_stands_beside_what_citizens_say(house: House) -> None:
    """The same row of the page, the same kind of card, the citizens' first only because they wait."""
    page = house.browser("lin").get("/board").text
    row_ = page[page.index('<div class="halves even">') :]
    assert row_.index("最要紧的") < row_.index("各单位超期") < row_.index("限时清零")
    assert "住建局" in row_[: row_.index("限时清零")]


def test_a_handler_sees_the_overview_of_the_own_department_only(house: House) -> None:
    page = house.browser("jian").get("/board").text
    assert "按时办结率" in page
    assert "交通运输局" not in page[page.index('id="overdue"') : page.index('id="burn"')]
    whole, own = (re.search(r"在办逾期 (\d+)", house.browser(name).get("/board").text) for name in ("lin", "jian"))
    assert whole
    assert own
    assert int(own[1]) < int(whole[1])


def test_people_are_in_no_table_of_debtors(house: House) -> None:
    page = house.browser("lin").get("/situation").text
    assert "乙禾劳务" in page
    assert "老罗" not in page
    assert "共 0 件" in house.browser("lin").get(f"/incidents?state=all&set=debtor:{quote('包工头老罗')}").text


@pytest.mark.parametrize("name", ["nothing", "debtor:", "chain:" + "长" * 90, "on_time' OR 1=1", "__class__"])
def test_an_unknown_set_is_no_filter(house: House, name: str) -> None:
    browser = house.browser("lin")
    whole = re.search(r"共 (\d+) 件", browser.get("/incidents?state=all").text)
    found = re.search(r"共 (\d+) 件", browser.get(f"/incidents?state=all&set={quote(name)}").text)
    assert whole
    assert found
    assert found[1] == whole[1]


def test_the_list_says_what_it_lists_and_keeps_it_while_filtering(house: House) -> None:
    page = house.browser("lin").get("/incidents?state=all&set=on_time").text
    assert "近90天按时销号" in page
    assert '<input type="hidden" name="set" value="on_time">' in page


# ------------------------------------------------------------------ 机器漏了多少
@pytest.mark.parametrize(
    ("seen", "shares"),
    [
        (Sampled(29, 29, 0, 50), None),  # too few to say anything
        (Sampled(100, 100, 0, 0), None),  # nothing found and nothing missed: no share of nothing
        (Sampled(100, 100, 0, 300), (1.0, 0.29, 1.0)),
        (Sampled(100, 50, 1, 400), (0.5, 0.16, 0.85)),  # 1 of 50 looked at, of 20,000 passed: 400 missed
        (Sampled(30, 30, 30, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_what_the_machine_misses_is_told_from_the_sample(seen: Sampled, shares: tuple[float, ...] | None) -> None:
    found = recall(seen)
    assert (found is None) == (shares is None)
    if found and shares:
        assert (found.share, found.lo, found.hi) == pytest.approx(shares, abs=0.01)
        assert found.lo <= found.share <= found.hi


def test_the_situation_says_how_many_of_the_sample_were_cases(house: House) -> None:
    """Drawn by chance, looked at, found to be cases; a post about danger was no draw."""
    house.opens()
    draws = [
        webhouse.reading_of(house, f"第{each}条", score=0.01, flag=Flag.PASS, kind=Kind.NOISE) for each in range(3)
    ]
    danger = webhouse.reading_of(house, "要从楼上跳下去", score=0.01, flag=Flag.PASS, life_risk=True)
    for reading in draws:
        change = Change(
            act=Act.PASS, at=house.now, reason="noise, score 0.01", readings=(reading,), data={"audit": True}
        )
        house.ledger.record(change)
    house.ledger.record(Change(act=Act.HOLD, at=house.now, reason="somebody may be in danger", readings=(danger,)))
    for reading, act in zip((*draws[:2], danger), (Act.CONFIRM, Act.DISMISS, Act.DISMISS), strict=True):
        house.ledger.record(
            Change(act=act, at=house.now, reason="看过原文", actor="zhou", data={"post": reading.post.id})
        )
    page = house.browser("lin").get("/situation").text
    card = re.sub(r"<[^>]+>", "", page[page.index('id="missed"') :])
    assert "每 200 条随机抽 1 条请人看。近 30 天抽到 3 条，已看 2 条，其中 1 条其实是欠薪。还有 1 条等人看。" in card
    assert "至少看 30 条" in card
    assert 'id="missed"' not in house.browser("jian").get("/situation").text


def test_nobody_reached_or_told_twice_is_no_close_out_and_the_second_persons_time_is_not_the_handlers() -> None:
    rows = [closed(1, 5, close_code="C9"), closed(2, 5, close_code="C10"), closed(3, 12, close_code="C1")]
    due = {one["id"]: NOW - 20 * DAY for one in rows}  # ten days after the opening
    found = overview(
        [], rows, due=due, done={"QX-2026-0003": NOW - 21 * DAY}, late=(), now=NOW, calendar=CALENDAR, length=45,
        stop=None,
    )  # fmt: skip
    assert found.sets["on_time"] == {"QX-2026-0003"}
    assert found.sets["closed_late"] == set()
    assert found.on_time_share == 1
