"""The review queue: one key a decision, the next post at once, and one decision a post whoever is quicker."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import webhouse
from ledgerhouse import BOTH
from webhouse import House

from classifiers.verdict import Flag, Kind
from monitor.model import Act, Change, Contact
from monitor.store import incidents, ledger


@pytest.fixture(params=BOTH)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    built = webhouse.build(tmp_path, on=request.param)
    yield built
    built.store.close()


# ------------------------------------------------------------------ the queue
def test_the_queue_shows_the_words_that_decided_and_hides_who_is_named(house: House) -> None:
    house.holds("我叫张建国，工资一分没给，电话13800001234")
    page = house.browser("zhou").get("/queue")
    assert "一分没给</mark>" in page.text
    assert "张**" in page.text
    assert "张建国" not in page.text
    assert "13800001234" not in page.text
    assert "江上一只船" not in page.text


def test_danger_to_life_comes_first_whatever_the_score(house: House) -> None:
    house.holds("三个人的钱一万八就这么没了？", score=0.69)
    house.holds("工资不给我就从塔吊上跳下去", score=0.31, life_risk=True)
    page = house.browser("zhou").get("/queue").text
    assert page.index("塔吊") < page.index("一万八")
    assert "请先打电话" in page


def test_a_post_about_danger_has_the_numbers_and_the_plan_before_its_words(house: House) -> None:
    """At night somebody must be one tap away from help: 110 and the plan, then the departments the matrix calls."""
    house.ledger.county = replace(
        webhouse.COUNTY, contacts={"police": (Contact(name="指挥中心", phone="0999-6200110"),)}
    )
    house.app.state.desk.config = replace(house.app.state.desk.config, county=house.ledger.county)
    house.holds("工资不给我就从塔吊上跳下去", score=0.31, life_risk=True)
    page = house.browser("zhou").get("/queue").text
    for wanted in ('href="tel:110"', 'href="tel:120"', 'href="/plans#red"', 'href="tel:0999-6200110"', "指挥中心"):
        assert page.index(wanted) < page.index("塔吊"), wanted
    assert 'id="red"' in house.browser("zhou").get("/plans").text


def test_what_is_perhaps_danger_is_marked_and_comes_before_the_sure_cases(house: House) -> None:
    house.holds("三个人的钱一万八就这么没了？", score=0.69)
    post = house.holds("门窗都关好了，工钱要不回来就不用等他", score=0.02, perhaps=True)
    browser = house.browser("zhou")
    page = browser.get("/queue").text
    assert page.index("门窗") < page.index("一万八")
    assert "人身安全？请先看" in page
    assert "请先打电话" not in page
    browser.post(f"/queue/{post}/confirm", {"at": "0", "danger": "yes"})
    with house.store.read() as c:
        (row,) = incidents.many(c, [str(webhouse.stored_post(house, post)["incident"])]).values()
    assert (row["level"], row["life_risk"]) == ("red", True)


def test_what_is_perhaps_danger_and_not_ticked_opens_an_ordinary_case(house: House) -> None:
    post = house.holds("门窗都关好了，工钱要不回来就不用等他", score=0.02, perhaps=True)
    house.browser("zhou").post(f"/queue/{post}/confirm", {"at": "0"})
    with house.store.read() as c:
        (row,) = incidents.many(c, [str(webhouse.stored_post(house, post)["incident"])]).values()
    assert row["level"] != "red"


def test_a_case_with_a_post_that_is_perhaps_danger_stands_above_the_queue_until_somebody_acts(house: House) -> None:
    incident = house.opens("工资一分没给，门窗都关好了", perhaps=True)
    browser = house.browser("zhou")
    assert f'href="/incidents/{incident}#post-' in browser.get("/queue").text
    assert "人身安全？请先看" in browser.get(f"/incidents/{incident}").text
    house.ledger.record(Change(act=Act.NOTE, at=house.now, reason="看过，没有危险", actor="周主任", incident=incident))
    assert f'href="/incidents/{incident}#post-' not in browser.get("/queue").text


def test_a_quiet_post_shows_no_emergency_number(house: House) -> None:
    house.holds()
    assert "tel:110" not in house.browser("zhou").get("/queue").text


@pytest.mark.parametrize(
    ("name", "verdict", "opened"),
    [("confirm", "confirmed", 1), ("no", "dismissed", 0), ("resolved", "dismissed", 0), ("dispute", "dismissed", 0)],
)
def test_each_key_is_one_decision_and_the_next_post_is_there(
    house: House, name: str, verdict: str, opened: int
) -> None:
    first, second = house.holds(), house.holds("另一个工地的工钱也没给")
    browser = house.browser("zhou")
    answer = browser.post(f"/queue/{first}/{name}", {"at": "0"})
    assert answer.status_code == 303
    assert webhouse.stored_post(house, first)["review"] == verdict
    with house.store.read() as c:
        assert incidents.count(c) == opened
    after = browser.get(answer.headers["location"]).text
    assert f"/queue/{second}/confirm" in after
    assert f"/queue/{first}/confirm" not in after


def test_later_leaves_the_post_and_shows_the_next(house: House) -> None:
    first, second = house.holds(), house.holds("另一个工地的工钱也没给")
    page = house.browser("zhou").get("/queue?at=1").text
    assert f"/queue/{second}/confirm" in page
    assert webhouse.stored_post(house, first)["review"] == "pending"


def test_of_two_reviewers_one_decides_and_the_other_hears_who_was_first(house: House) -> None:
    """Fault F47, and a double click is the same thing."""
    post = house.holds()
    first, second = house.browser("zhou"), house.browser("wu")
    assert first.post(f"/queue/{post}/confirm").status_code == 303
    answer = second.post(f"/queue/{post}/no")
    assert answer.status_code == 409
    assert "zhou" in answer.text
    assert first.post(f"/queue/{post}/confirm").status_code == 409
    with house.store.read() as c:
        assert incidents.count(c) == 1
        assert sum(row["act"] in ("confirm", "open") for row in ledger.rows(c)) == 1


def test_at_the_same_instant_there_is_one_decision_too(house: House) -> None:
    post = house.holds()
    browsers = [house.browser("zhou"), house.browser("wu")]
    forms = [{"csrf": browser.token()} for browser in browsers]
    barrier, answers = threading.Barrier(2), []

    def decide(browser: webhouse.Browser, form: dict[str, str]) -> None:
        barrier.wait()
        answers.append(browser.client.post(f"/queue/{post}/confirm", data=form).status_code)

    threads = [threading.Thread(target=decide, args=pair) for pair in zip(browsers, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409]
    with house.store.read() as c:
        assert incidents.count(c) == 1


def test_a_post_that_may_be_the_same_debt_names_the_incident(house: House) -> None:
    incident = house.opens()
    reading = webhouse.reading_of(house, "锦禾苑三期的工钱还是没给，大家怎么办", score=0.5, flag=webhouse.Flag.REVIEW)
    house.ledger.record(
        webhouse.Change(act=webhouse.Act.HOLD, at=house.now, reason="拿不准", readings=(reading,))
    )  # fmt: skip
    browser = house.browser("zhou")
    assert f'value="{incident}"' in browser.get("/queue").text
    browser.post(f"/queue/{reading.post.id}/confirm", {"incident": incident})
    assert webhouse.stored_post(house, reading.post.id)["incident"] == incident


def test_one_may_take_back_the_own_last_decision(house: House) -> None:
    post = house.holds()
    browser = house.browser("zhou")
    after = browser.post(f"/queue/{post}/no")
    assert "撤销上一条" in browser.get(after.headers["location"]).text
    assert browser.post(f"/queue/{post}/undo/decision").status_code == 303
    assert webhouse.stored_post(house, post)["review"] == "pending"
    assert f"/queue/{post}/confirm" in browser.get("/queue").text


def test_not_only_the_last_decision_can_be_taken_back(house: House) -> None:
    """Who presses a wrong key notices it two posts later; after half an hour, and for others, it stands."""
    first, second = house.holds("甲工地的工钱没给"), house.holds("乙工地的工钱没给")
    browser = house.browser("zhou")
    for post, name in ((first, "no"), (second, "confirm")):
        browser.post(f"/queue/{post}/{name}")
        house.tick(seconds=5)
    page = browser.get("/queue").text
    assert page.index(f"/queue/{second}/undo/decision") < page.index(f"/queue/{first}/undo/decision")
    assert browser.post(f"/queue/{first}/undo/decision").status_code == 303
    assert webhouse.stored_post(house, first)["review"] == "pending"
    assert webhouse.stored_post(house, second)["review"] == "confirmed"
    assert "undo/decision" not in house.browser("wu").get("/queue").text
    house.tick(minutes=31)
    assert "undo/decision" not in browser.get("/queue").text


def test_an_empty_queue_says_so(house: House) -> None:
    assert "队列已清空" in house.browser("zhou").get("/queue").text


def test_the_digest_finds_the_queue(house: House) -> None:
    assert house.browser("zhou").get("/review").headers["location"] == "/queue"


def test_a_resolved_kind_is_told_from_noise_in_the_label(house: House) -> None:
    post = house.holds("总算发工资了", kind=Kind.RESOLVED)
    house.browser("zhou").post(f"/queue/{post}/resolved")
    with house.store.read() as c:
        [row] = [row for row in ledger.rows(c) if row["act"] == "dismiss"]
    assert row["data"]["input"]["label"] == "resolved"


def test_a_figure_the_machine_would_not_believe_is_said_beside_the_facts(house: House) -> None:
    one = webhouse.reading_of(
        house, webhouse.HELD, score=0.5, flag=Flag.REVIEW, amount_yuan=None, doubts=("amount: more than can be owed",)
    )
    house.ledger.record(Change(act=Act.HOLD, at=house.now, reason="拿不准", readings=(one,)))
    assert "金额超出常理，没有采用" in house.browser("zhou").get("/queue").text


def test_the_queue_can_be_read_in_the_order_that_teaches_the_machine_most(house: House) -> None:
    sure = house.holds("工地一直不给钱，我们等了三个月了", score=0.69)
    copy = house.holds("装修队三个人的钱一万八，活干完人没了影子。", score=0.52)
    doubtful = house.holds("装修队三个人的钱一万八，活干完人没了影。", score=0.51)
    danger = house.holds("爬塔吊了，不给钱就跳", score=0.1, life_risk=True)
    browser = house.browser("zhou")

    def order(query: str) -> list[str]:
        found = [
            re.search(r'action="/queue/([^/"]+)/confirm"', browser.get(f"/queue?at={at}{query}").text)
            for at in range(4)
        ]
        return [one[1] for one in found if one]

    assert order("") == [danger, sure, copy, doubtful]
    assert order("&by=doubt") == [danger, doubtful, sure, copy]
    assert [browser.get(f"/queue?at={at}&by=doubt").text.count("机器最拿不准") for at in range(4)] == [0, 1, 1, 0]
    assert "与排在前面的一条相近" in browser.get("/queue?at=3&by=doubt").text
    assert "机器最拿不准" not in browser.get("/queue?at=1").text
    answer = browser.post(f"/queue/{danger}/no", {"at": "0", "by": "doubt"})
    assert answer.headers["location"].endswith("&by=doubt")
