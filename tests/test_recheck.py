"""月度复查: what is drawn for a second person, who may answer, what the figures say, and that nothing else changes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
import webhouse
from typer.testing import CliRunner
from webhouse import House, reading_of

from classifiers.verdict import Flag
from monitor.commands import recheck as commands
from monitor.errors import ForbiddenChange
from monitor.ledger import recheck as acts
from monitor.ledger.chain import verify
from monitor.model import Act, Change
from monitor.store import recheck


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def opened(house: House, number: int) -> str:
    """A case of its own that the machine opened."""
    name = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒"[number]
    return house.opens(
        f"{name}木建工的工地，我们{number + 3}个人的工资到现在一分没给", employer=f"{name}木建工",
        project=f"{name}号院", workers=number + 3, amount_yuan=10_000.0 + number * 977,
    )  # fmt: skip


def dismissed(house: House, number: int, by: str = "zhou") -> str:
    incident = opened(house, number)
    house.ledger.record(Change(act=Act.DISMISS, at=house.now, reason="不是欠薪", actor=by, incident=incident))
    return incident


def audited(house: House, by: str = "zhou") -> str:
    """A post the machine passed, and a person took for a case."""
    one = reading_of(house, "干了三个月一分没给，就这么算了吗", flag=Flag.PASS, score=0.02)
    house.ledger.record(Change(act=Act.PASS, at=house.now, reason="noise", readings=(one,), data={"audit": True}))
    house.ledger.record(Change(act=Act.CONFIRM, at=house.now, reason="是", actor=by, data={"post": one.post.id}))
    return one.post.id


def drawn(house: House) -> list[dict[str, Any]]:
    with house.store.read() as c:
        return recheck.drawn(c, house.now)


def refusal(house: House, post: str, answer: str, by: str) -> str:
    with pytest.raises(ForbiddenChange) as refused:
        acts.judge(house.ledger, post, answer, by=by, at=house.now)
    return refused.value.rule


def test_what_people_overruled_and_what_nobody_looked_into_is_drawn_and_nothing_else(house: House) -> None:
    alone = opened(house, 0)
    seen = opened(house, 1)
    signed = {"department": "housing"}
    house.ledger.record(
        Change(act=Act.ACKNOWLEDGE, at=house.now, reason="签收", actor="jian", incident=seen, data=signed)
    )
    gone = dismissed(house, 2)
    missed = audited(house)
    house.holds()
    found = {row["id"]: row for row in drawn(house)}
    told = {(row["incident"], row["group"], row["first"], row["first_by"]) for row in found.values()}
    assert (alone, "unseen", "", None) in told
    assert (gone, "overruled", "no", "zhou") in told
    assert found[missed]["group"] == "overruled"
    assert (found[missed]["first"], found[missed]["first_by"]) == ("yes", "zhou")
    assert len(found) == 3


def test_the_draw_is_by_chance_bounded_the_same_all_month_and_another_the_next(house: House) -> None:
    for number in range(26):
        opened(house, number)
    first = [row["id"] for row in drawn(house)]
    assert len(first) == recheck.DRAWN
    house.tick(days=2)
    assert [row["id"] for row in drawn(house)] == first
    house.tick(days=8)
    assert {row["id"] for row in drawn(house)} != set(first)
    house.tick(days=60)
    assert drawn(house) == []


def test_the_first_person_is_never_the_second_and_nobody_answers_twice(house: House) -> None:
    dismissed(house, 0)
    post = drawn(house)[0]["id"]
    assert refusal(house, post, "no", "zhou") == "recheck_second"
    assert refusal(house, post, "perhaps", "wu") == "recheck_answer"
    assert refusal(house, "post-x", "no", "wu") == "recheck_unknown"
    acts.judge(house.ledger, post, "no", by="wu", at=house.now)
    assert refusal(house, post, "yes", "ruan") == "recheck_done"


def test_the_figures_say_who_was_right_and_name_nobody(house: House) -> None:
    for number in range(4):
        dismissed(house, number)
    missed = audited(house)
    unseen = opened(house, 7)
    rows = drawn(house)
    answers = iter(("no", "no", "yes", "unsure"))
    for row in rows:
        answer = "yes" if row["id"] == missed else "no" if row["incident"] == unseen else next(answers)
        acts.judge(house.ledger, row["id"], answer, by="wu", at=house.now)
    with house.store.read() as c:
        told = recheck.answers(c, recheck.month_of(house.now))
        assert not verify(c, bodies=True).breaks
    over, alone = (recheck.counted(told, group, 0) for group in recheck.GROUPS)
    assert (over.answered, over.with_person, over.with_machine, over.unsure) == (5, 3, 1, 1)
    assert (alone.answered, alone.with_person, alone.with_machine) == (1, 1, 0)
    fields = {name for one in told for name in one.__slots__}
    assert fields == {"post", "group", "machine", "first", "answer"}


def test_an_answer_changes_no_case_and_no_post(house: House) -> None:
    incident = dismissed(house, 0)
    before = house.row(incident)
    acts.judge(house.ledger, drawn(house)[0]["id"], "yes", by="wu", at=house.now)
    assert house.row(incident) == before


def test_an_erased_post_is_drawn_no_more(house: House) -> None:
    from monitor.ledger.erase import erase

    opened(house, 0)
    erase(house.store, drawn(house)[0]["id"], by="wu", reason="发帖人请求", now=house.now)
    assert drawn(house) == []


# ------------------------------------------------------------------ the page
def test_the_page_shows_masked_words_without_the_first_verdict(house: House) -> None:
    incident = house.opens()
    house.ledger.record(Change(act=Act.DISMISS, at=house.now, reason="不是欠薪", actor="zhou", incident=incident))
    page = house.browser("wu").get("/recheck").text
    assert "一分没给" in page
    assert "张建国" not in page
    assert "先判" not in page
    post = page.split('name="post" value="')[1].split('"')[0]
    own = house.browser("zhou").get("/recheck").text
    assert post not in own
    assert "1 条是您先判断的" in own
    assert house.browser("zhou").post("/recheck", {"post": post, "answer": "no"}).status_code == 422
    assert house.browser("wu").post("/recheck", {"post": post, "answer": "yes"}).status_code == 303
    page = house.browser("wu").get("/recheck").text
    assert "先判不是，复查是欠薪" in page
    assert "太少，说不出" in page


def test_a_share_is_told_from_ten_sure_answers_on(house: House) -> None:
    for number in range(11):
        opened(house, number)
    for row in drawn(house):
        acts.judge(house.ledger, row["id"], "yes" if row["incident"] != "QX-2026-0001" else "no", by="wu", at=house.now)
    page = house.browser("wu").get("/recheck").text
    assert "91%" in page


@pytest.mark.parametrize("name", ["jian", "lin", "shen"])
def test_only_reviewers_have_it(house: House, name: str) -> None:
    assert house.browser(name).get("/recheck").status_code == 403
    assert house.browser(name).post("/recheck", {"post": "x", "answer": "no"}).status_code == 403
    assert "/recheck" not in house.browser(name).get("/situation").text


def test_the_command_prints_both_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    house = webhouse.build(tmp_path)
    dismissed(house, 0)
    acts.judge(house.ledger, drawn(house)[0]["id"], "no", by="wu", at=house.now)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    monkeypatch.setenv("XINSHAO_DATABASE_URL", str(house.store.engine.url))
    app = typer.Typer()
    commands.register(app)
    month = recheck.month_of(house.now)
    done = CliRunner().invoke(app, ["--month", month])
    assert done.exit_code == 0, done.output
    over, alone = (json.loads(line) for line in done.stdout.splitlines())
    assert (over["group"], over["answered"], over["with_person"]) == ("overruled", 1, 1)
    assert (alone["group"], alone["answered"]) == ("unseen", 0)
    assert timedelta(days=30) == recheck.WINDOW
