"""A case's page answers "what must I do now?" before anything else, to everybody who may do something."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import webhouse
from sqlalchemy import select, update
from webhouse import Browser, House

from monitor.commands.bench_digest import fill
from monitor.model import Act, Change, RegisterRow
from monitor.store import schema


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def act(house: House, browser: Browser, incident: str, name: str, **data: Any) -> Any:
    values = {"version": house.version(incident), "reason": "按职责办理", **data}
    return browser.post(f"/incidents/{incident}/acts/{name}", values)


def test_the_page_of_a_case_begins_with_what_must_be_done_now(house: House) -> None:
    incident = house.opens()
    page = house.browser("jian").get(f"/incidents/{incident}").text
    now = page[page.index("现在要做") : page.index('class="jump"')]
    assert 'href="#act-acknowledge"' in now
    assert "签收</b>" in now
    assert "data-due" in now
    assert page.index('id="facts"') < page.index('id="acts"') < page.index('id="clocks"') < page.index('id="history"')
    for part in re.findall(r'<a href="#([a-z]+)">', page[page.index('class="jump"') :].split("</nav>")[0]):
        assert f'id="{part}"' in page, part


def test_the_next_step_stands_open_and_follows_the_case(house: House) -> None:
    incident, handler = house.opens(), house.browser("jian")
    for done, following in (("acknowledge", "accept"), ("accept", "verify"), ("verify", "pay")):
        assert f'id="act-{done}" open' in handler.get(f"/incidents/{incident}").text
        extra = {"verification": "true", "workers": "36", "yuan": "1260000"} if done == "verify" else {}
        assert act(house, handler, incident, done, **extra).status_code == 303
        assert f'id="act-{following}" open' in handler.get(f"/incidents/{incident}").text


def test_a_phone_shows_what_must_be_done_and_folds_what_can_wait(house: House) -> None:
    """Three posts, five steps of the record, the lead: the rest is one tap away, and nothing of it is a duty."""
    incident = house.opens()
    texts = [f"锦禾苑三期甲木建工欠我们三十六个人的工资，第{number}次来问" for number in "一二三四五六"]
    for text in texts:
        reading = webhouse.reading_of(house, text)
        house.ledger.record(
            Change(act=Act.JOIN, at=house.now, reason="同一用人单位", incident=incident, readings=(reading,))
        )
    page = house.browser("zhou").get(f"/incidents/{incident}").text
    posts = page[page.index('id="posts"') : page.index('id="acts"')]
    seen, _, folded = posts.partition('<details class="fold rest">')
    assert seen.count('<article class="post"') == 3
    assert "另有 4 条帖文" in folded
    assert folded.count('<article class="post"') == 4
    history = page[page.index('id="history"') :]
    assert history.partition("更早的")[0].count("<li") == 5
    for needed in ("acts", "clocks", "phones", "proofs"):
        assert 'class="fold' not in re.search(rf'<section[^>]*id="{needed}".*?</section>', page, re.S)[0], needed


def test_a_red_case_says_at_its_head_whom_nobody_has_reached_yet(house: House) -> None:
    """Only those that must be called at once: for the others the mail is enough."""

    def head(incident: str) -> str:
        page = house.browser("zhou").get(f"/incidents/{incident}").text
        return page[page.index("现在要做") : page.index('class="jump"')]

    assert "须打电话" not in head(house.opens())
    incident = house.opens("两百多人堵在厂门口要工资", workers=200, traits=("collective_action",), project="另一处工地")
    found = re.search(r'href="#phones">须打电话，还有 (\d+) 家没有接通', head(incident))
    assert found
    whom = house.browser("zhou").get(f"/incidents/{incident}").text
    first = re.search(r'<option value="([a-z_]+:[^"]*)"', whom[whom.index('id="act-call"') :])
    assert first
    for outcome, left in (("no_answer", int(found[1])), ("reached", int(found[1]) - 1)):
        call = {"whom": first[1], "name": "值班员", "outcome": outcome, "reason": "已说明情况"}
        sent = {"version": house.version(incident), **call}
        assert house.browser("zhou").post(f"/incidents/{incident}/acts/call", sent).status_code == 303
        assert f"还有 {left} 家没有接通" in head(incident)


def test_a_co_handler_is_led_by_the_own_letter(house: House) -> None:
    """The lead has not answered yet; the labour inspection has, and is not asked to sign again."""
    incident, inspection = house.opens(), house.browser("ren")
    for done, following in (("acknowledge", "accept"), ("accept", None)):
        assert f'href="#act-{done}"' in inspection.get(f"/incidents/{incident}").text
        assert act(house, inspection, incident, done).status_code == 303
        page = inspection.get(f"/incidents/{incident}").text
        assert f'href="#act-{done}"' not in page
        assert following is None or f'id="act-{following}" open' in page


def test_what_cannot_be_taken_back_asks_once_more(house: House) -> None:
    """A finger beside its aim must not reset a password or leave a night without an officer."""
    page = house.browser("ruan").get("/users").text
    for label in ("重置密码", "终止登录", "停用"):
        assert f"<summary>{label}</summary>" in page
        assert f"确定：{label} zhou</button>" in page


def test_a_person_who_can_do_nothing_is_offered_no_step(house: House) -> None:
    page = house.browser("shen").get(f"/incidents/{house.opens()}").text
    assert "下一步" not in page
    assert 'href="#acts"' not in page


def test_a_case_about_danger_has_the_numbers_at_its_head_until_it_is_closed(house: House) -> None:
    reading = webhouse.reading_of(house, "工资不给我们就从塔吊上跳下去，三十六个人一分没给", life_risk=True)
    change = Change(act=Act.OPEN, at=house.now, reason="达到预警线", readings=(reading,))
    incident = house.ledger.record(change).incident
    assert incident is not None
    page = house.browser("zhou").get(f"/incidents/{incident}").text
    assert page.index('href="tel:110"') < page.index('id="facts"')
    assert f"/incidents/{incident}/plan" in page
    act(house, house.browser("wu"), incident, "dismiss", reason="查明是小说")
    assert 'href="tel:110"' not in house.browser("zhou").get(f"/incidents/{incident}").text


def test_a_case_of_an_earlier_version_is_shown(house: House) -> None:
    """Facts that were stored before some of today's keys have none of them; the page must not fail for it."""
    incident = house.opens()
    with house.store.read() as c:
        facts = dict(c.execute(select(schema.incidents.c.facts)).scalar_one())
    older = {key: value for key, value in facts.items() if key in ("workers", "amount_yuan", "employer", "project")}
    house.store.unit(lambda c: c.execute(update(schema.incidents).values(facts=older)))
    assert house.browser("zhou").get(f"/incidents/{incident}").status_code == 200


def test_an_address_that_no_page_has_keeps_the_navigation(house: House) -> None:
    page = house.browser("zhou").get("/nothing-here")
    assert page.status_code == 404
    assert 'href="/queue"' in page.text
    assert 'href="/queue"' not in house.browser().get("/nothing-here").text


@pytest.mark.parametrize("sort", ["", "due", "opened", "updated"])
def test_paging_through_a_large_ledger_meets_every_case_once(house: House, sort: str) -> None:
    known = (*webhouse.COUNTY.register, RegisterRow(kind="employer", name="甲木建工"))
    fill(house.store, replace(webhouse.COUNTY, register=known), 260, last=house.now.date())
    browser, met = house.browser("zhou"), []
    for page in range(1, 12):
        shown = browser.get(f"/incidents?state=all&sort={sort}&page={page}").text
        assert f"第 {page} / 11 页" in shown
        met += re.findall(r'class="title" href="/incidents/([^"]+)"', shown)
    assert len(met) == len(set(met)) == 260
    assert browser.get(f"/incidents/{met[-1]}").status_code == 200
