"""个人信息请求: registered by a link and nothing else, answered in time by two, done wherever it left a trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
import webhouse
from ledgerhouse import BOTH, NOON, by, county, joined, later, ledger_on, matrix, reading, stores
from sqlalchemy import select
from typer.testing import CliRunner
from webhouse import House

from monitor.clocks import Calendar
from monitor.clocks.calendar import local_day
from monitor.commands import wishes as commands
from monitor.config import Config, Settings
from monitor.errors import ForbiddenChange
from monitor.ledger import Ledger, wishes
from monitor.ledger.chain import verify
from monitor.model import Act, Change
from monitor.pipeline.housekeeping import of_wishes
from monitor.store import Store, incidents, looks, open_store, outbox, posts, retention, schema
from monitor.store import ledger as rows_of
from monitor.store import wishes as table
from monitor.store.schema import wishes as columns

LINK = "https://bbs.qinghe.example/t/1"
TEXT = "锦禾苑三期工地，甲木建工拖欠我们23个工人3个月工资一共46万元，找项目部一直推，大伙都叫我柳溪铁匠"


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from stores(request.param, tmp_path)


def asked(ledger: Ledger, kind: str = "erase", link: str = LINK, wish: str = "请删去我的帖子", by: str = "zhou") -> int:
    return wishes.register(ledger, kind=kind, link=link, wish=wish, proof="account", by=by, at=NOON)


def answered(ledger: Ledger, number: int, outcome: str = "done", by: str = "wu", **told: Any) -> None:
    text = told.pop("text", "已经办好并告知")
    wishes.answer(ledger, number, outcome=outcome, text=text, by=by, at=later(days=2), **told)


def refusal(work: Any, *given: Any, **told: Any) -> str:
    with pytest.raises(ForbiddenChange) as refused:
        work(*given, **told)
    assert "{" not in str(refused.value)
    return refused.value.rule


def whole(store: Store) -> bool:
    with store.read() as c:
        return not verify(c, bodies=True).breaks


# ------------------------------------------------------------------ the register
def test_no_column_of_the_register_is_about_who_asks() -> None:
    names = {column.name for column in columns.columns}
    assert names == {
        "id", "kind", "link", "mark", "wish", "proof", "by", "at", "due_at", "outcome", "answer", "answered_by",
        "answered_at",
    }  # fmt: skip


def test_what_is_asked_is_masked_before_it_is_kept(store: Store) -> None:
    ledger = ledger_on(store)
    number = asked(ledger, wish="我叫张建国，电话13800001234，请删去我的帖子")
    with store.read() as c:
        row = table.one(c, number)
        told = json.dumps([one["data"] for one in rows_of.rows(c)], ensure_ascii=False, default=str)
    assert row is not None
    assert "张建国" not in row["wish"]
    assert "13800001234" not in row["wish"]
    assert LINK not in told, "the log outlives the link"


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"link": "张建国"}, "wish_link"), ({"link": "ftp://x"}, "wish_link"), ({"kind": "find"}, "wish_kind"),
        ({"proof": "name"}, "wish_proof"), ({"wish": "删"}, "wish_words"),
    ],
)  # fmt: skip
def test_only_a_link_is_taken(tmp_path: Path, changed: dict[str, str], rule: str) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    given = {"kind": "erase", "link": LINK, "wish": "请删去我的帖子", "proof": "account", **changed}
    assert refusal(wishes.register, ledger_on(store), by="zhou", at=NOON, **given) == rule
    store.close()


def test_fifteen_working_days_and_never_more_than_thirty() -> None:
    calendar = Calendar()
    plain = wishes.due_at(calendar, datetime(2026, 3, 2, 4, tzinfo=UTC))
    assert local_day(plain) == date(2026, 3, 23)
    for month in range(1, 13):
        at = datetime(2026, month, 5, 4, tzinfo=UTC)
        due = wishes.due_at(calendar, at)
        days = (local_day(due) - local_day(at)).days
        working = sum(calendar.is_workday(local_day(at) + timedelta(days=n)) for n in range(1, days + 1))
        assert working == 15 or (working < 15 and days == 30)
        assert due - at <= timedelta(days=30, hours=12)


# ------------------------------------------------------------------ the answers
def test_an_erased_post_is_gone_from_page_mail_and_log_and_the_case_goes_on(store: Store) -> None:
    ledger = ledger_on(store)
    incident = str(ledger.record(joined(reading("p1", TEXT))).incident)
    number = asked(ledger)
    assert refusal(answered, ledger, number, by="zhou", posts=["p1"]) == "wish_second"
    answered(ledger, number, posts=["p1"])
    with store.read() as c:
        post, row, wish = posts.one(c, "p1"), incidents.one(c, incident), table.one(c, number)
        mails = json.dumps([one["data"] for one in outbox.recent(c, 99)], ensure_ascii=False, default=str)
        told = json.dumps([one["data"] for one in rows_of.rows(c)], ensure_ascii=False, default=str)
    assert post is not None
    assert (post["text"], post["masked_text"], post["url"], post["author_code"]) == ("", "", None, None)
    assert row is not None
    assert row["state"] == "assigned"
    assert row["facts"]["employer"] == "甲木建工"
    assert "柳溪铁匠" not in mails
    assert "柳溪铁匠" not in told
    assert wish is not None
    assert (wish["outcome"], wish["link"]) == ("done", None)
    assert whole(store)
    assert refusal(answered, ledger, number, posts=["p1"]) == "wish_unknown"


def test_an_erased_post_does_not_come_back_by_the_next_poll(store: Store) -> None:
    ledger = ledger_on(store)
    ledger.record(joined(reading("p1", TEXT)))
    answered(ledger, asked(ledger), posts=["p1"])
    ledger.record(joined(reading("p1", TEXT), later(days=3)))
    with store.read() as c:
        post = posts.one(c, "p1")
    assert post is not None
    assert post["text"] == ""


def test_a_name_the_machine_did_not_know_is_hidden_everywhere_and_the_rest_stays(store: Store) -> None:
    ledger = ledger_on(store)
    text = "柳溪铁匠说：工地欠我们5个工人的工资一直不给，找谁都推"
    incident = str(ledger.record(joined(reading("p1", text))).incident)
    with store.read() as c:
        before = incidents.one(c, incident)
    assert before is not None
    assert "柳溪铁匠" in before["title"]
    number = asked(ledger, "correct", wish="遮去我的外号")
    for words in ([], ["铁"], ["没有这几个字"]):
        assert refusal(answered, ledger, number, posts=["p1"], hide=words) == "wish_hide"
    answered(ledger, number, posts=["p1"], hide=["柳溪铁匠"])
    with store.read() as c:
        post, row = posts.shown(c, "p1"), incidents.one(c, incident)
        mails = json.dumps([one["data"] for one in outbox.recent(c, 99)], ensure_ascii=False, default=str)
        told = json.dumps([one["data"] for one in rows_of.rows(c)], ensure_ascii=False, default=str)
    assert post is not None
    assert row is not None
    assert post["masked_text"] == text.replace("柳溪铁匠", "[已遮蔽]")
    assert "柳溪铁匠" not in row["title"] + mails + told
    assert whole(store)


BYNAME = "老板外号铁锤刘欠我们六个人的血汗钱三个月了一共五万块，柳溪铁匠求帮忙"


def moved(store: Store) -> tuple[Ledger, int]:
    """The post of a case that was merged into another."""
    ledger = ledger_on(store)
    other = str(ledger.record(joined(reading("p0", TEXT.replace("柳溪铁匠", ""), url=LINK + "0"))).incident)
    own = str(ledger.record(joined(reading("p1", BYNAME, author="乙"))).incident)
    assert own != other
    ledger.record(by("zhou", "merge", own, later(minutes=20), into=other))
    return ledger, asked(ledger)


def everything(store: Store) -> str:
    with store.read() as c:
        told = [
            [dict(row) for row in c.execute(select(one)).mappings()]
            for one in (schema.incidents, schema.ledger, schema.outbox)
        ]
        told.append([posts.shown(c, "p1")])
    return json.dumps(told, ensure_ascii=False, default=str)


def test_an_erased_post_is_gone_from_the_case_that_was_merged_away_too(store: Store) -> None:
    ledger, number = moved(store)
    assert "柳溪铁匠" in everything(store)
    answered(ledger, number, posts=["p1"])
    assert "柳溪铁匠" not in everything(store)
    assert whole(store)


def test_a_byname_taken_for_the_employer_is_hidden_in_facts_titles_and_mails(store: Store) -> None:
    ledger, _ = moved(store)
    number = asked(ledger, "correct", wish="遮去外号")
    assert "铁锤刘 ·" in everything(store)
    answered(ledger, number, posts=["p1"], hide=["铁锤刘", "柳溪铁匠"])
    assert "铁锤刘" not in everything(store)
    assert "柳溪铁匠" not in everything(store)
    assert whole(store)


def test_a_post_elsewhere_is_not_reached_by_a_link(store: Store) -> None:
    ledger = ledger_on(store)
    ledger.record(joined(reading("p1", TEXT)))
    ledger.record(joined(reading("p2", TEXT + "，二号楼", url="https://bbs.qinghe.example/t/2")))
    number = asked(ledger)
    assert refusal(answered, ledger, number, posts=["p2"]) == "wish_post"
    assert refusal(answered, ledger, number) == "wish_posts"
    assert refusal(answered, ledger, number, "unheld") == "wish_held"
    unknown = asked(ledger, link="https://bbs.qinghe.example/t/9")
    assert refusal(answered, ledger, unknown) == "wish_post"
    answered(ledger, unknown, "unheld", by="zhou")


@pytest.mark.parametrize(
    "link", [LINK, LINK + "/", LINK + "#pid7", LINK.replace("https", "http"), f"  {LINK} "]
)  # fmt: skip
def test_a_link_is_known_in_its_usual_spellings(tmp_path: Path, link: str) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    ledger = ledger_on(store)
    ledger.record(joined(reading("p1", TEXT)))
    answered(ledger, asked(ledger, link=link), posts=["p1"])
    second = asked(ledger)
    with store.read() as c:
        row = table.one(c, second)
        assert row is not None
        assert table.earlier(c, row["mark"], second) == [1]
    store.close()


def test_a_refusal_says_why_and_is_another_persons(store: Store) -> None:
    ledger = ledger_on(store)
    ledger.record(joined(reading("p1", TEXT)))
    number = asked(ledger)
    assert refusal(answered, ledger, number, "refused", text="不") == "wish_reason"
    assert refusal(answered, ledger, number, "refused", by="zhou") == "wish_second"
    answered(ledger, number, "refused", text="无法确认帖文是本人的")
    with store.read() as c:
        post = posts.one(c, "p1")
    assert post is not None
    assert post["text"]


def test_danger_that_nobody_has_read_is_read_before_it_is_erased(store: Store) -> None:
    ledger = ledger_on(store)
    held = reading("p1", "工资再不给我就从塔吊上跳下去", flag="review", life_risk=True)
    ledger.record(Change(act=Act.HOLD, at=NOON, reason="拿不准", readings=(held,)))
    number = asked(ledger)
    assert refusal(answered, ledger, number, posts=["p1"]) == "wish_life"
    ledger.record(Change(act=Act.CONFIRM, at=later(hours=1), reason="属实", actor="wu", data={"post": "p1"}))
    answered(ledger, number, posts=["p1"])


def test_the_ledger_knows_a_register_that_was_changed(store: Store) -> None:
    ledger = ledger_on(store)
    number = asked(ledger)
    assert whole(store)
    store.unit(lambda c: c.execute(columns.update().where(columns.c.id == number).values(outcome="unheld")))
    assert not whole(store)


def test_answered_wishes_are_forgotten_after_three_years_and_the_chain_stays_whole(store: Store) -> None:
    ledger = ledger_on(store)
    for _ in range(2):
        answered(ledger, asked(ledger), "unheld")
    waiting = asked(ledger)
    store.unit(lambda c: retention.purge(c, NOON + timedelta(days=1000)))
    with store.read() as c:
        assert len(table.every(c)) == 3
    store.unit(lambda c: retention.purge(c, NOON + timedelta(days=1200)))
    with store.read() as c:
        assert [one["id"] for one in table.every(c)] == [waiting]
    assert whole(store)


def test_the_office_is_reminded_once_a_day_when_the_time_is_nearly_over(store: Store) -> None:
    ledger = ledger_on(store)
    number = asked(ledger)
    with store.read() as c:
        row = table.one(c, number)
    assert row is not None
    config = Config(settings=Settings(), county=county(), feeds=())
    assert of_wishes(store, config, matrix(), later(days=2)) == []
    near = of_wishes(store, config, matrix(), row["due_at"] - timedelta(days=2, hours=6))
    assert [one.recipient for one in near] == ["qx_office@qinghe.example"]
    assert f"第{number}号" in near[0].reason
    again = of_wishes(store, config, matrix(), row["due_at"] - timedelta(days=2, hours=7))
    assert [one.key for one in again] == [one.key for one in near]
    answered(ledger, number, "unheld")
    assert of_wishes(store, config, matrix(), row["due_at"]) == []


# ------------------------------------------------------------------ pages
@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


WEB_LINK = "https://bbs.qinghe.example/thread-1.html"


def enter(house: House, name: str = "zhou", **changed: str) -> Any:
    sent = {"kind": "erase", "link": WEB_LINK, "wish": "请删去我的帖子", "proof": "account", **changed}
    return house.browser(name).post("/wishes", sent)


def test_from_the_register_to_the_answer_on_the_pages(house: House) -> None:
    incident = house.opens()
    assert enter(house).headers["location"] == "/wishes/1?done=wish"
    page = house.browser("wu").get("/wishes/1").text
    assert incident in page
    assert "张**" in page
    assert "张建国" not in page
    post = page.split('name="posts" value="')[1].split('"')[0]
    sent = {"id": "1", "posts": post, "outcome": "done", "text": "已删除，私信告知"}
    assert house.browser("zhou").post("/wishes/answer", sent).status_code == 422
    assert house.browser("wu").post("/wishes/answer", sent).status_code == 303
    page = house.browser("lin").get("/wishes").text
    assert "已照办" in page
    assert "已删除，私信告知" in page
    assert WEB_LINK not in house.browser("wu").get("/wishes/1").text
    assert "一分没给" not in house.browser("jian").get(f"/incidents/{incident}").text


def test_opening_a_wish_is_registered(house: House) -> None:
    enter(house)
    house.browser("shen").get("/wishes/1")
    with house.store.read() as c:
        assert [(row["user"], row["what"]) for row in looks.listed(c)] == [("shen", "wish")]
    assert "个人信息请求" in house.browser("lin").get("/audit/looks").text


@pytest.mark.parametrize("path", ["/wishes", "/wishes/1"])
def test_a_confined_account_has_none_of_it(house: House, path: str) -> None:
    enter(house)
    assert house.browser("jian").get(path).status_code == 403
    assert "/wishes" not in house.browser("jian").get("/board").text
    assert house.browser().get(path).status_code == 303


def test_who_may_only_look_has_no_forms_and_may_send_none(house: House) -> None:
    enter(house)
    for name in ("lin", "shen"):
        page = house.browser(name).get("/wishes").text
        assert 'action="/wishes"' not in page
        assert 'action="/wishes/answer"' not in house.browser(name).get("/wishes/1").text
        assert enter(house, name).status_code == 403
        sent = {"id": "1", "outcome": "unheld", "text": "没有保存"}
        assert house.browser(name).post("/wishes/answer", sent).status_code == 403


def test_an_auditor_sees_no_words_of_a_post(house: House) -> None:
    house.opens()
    enter(house)
    page = house.browser("shen").get("/wishes/1").text
    assert "您的角色不看帖文" in page
    assert "一分没给" not in page


def test_a_number_that_is_none_is_not_found(house: House) -> None:
    assert house.browser("wu").get("/wishes/7").status_code == 404
    assert house.browser("wu").get(f"/wishes/{2**40}").status_code == 404


def test_the_overview_says_when_the_time_is_nearly_over_and_the_public_page_how_many(house: House) -> None:
    enter(house, link="https://bbs.qinghe.example/none")
    assert "三天内到期" not in house.browser("zhou").get("/board").text
    house.tick(days=20)
    assert "有 1 件个人信息请求三天内到期或已逾期" in house.browser("zhou").get("/board").text
    assert "三天内到期" not in house.browser("jian").get("/board").text
    house.tick(days=3)
    sent = {"id": "1", "outcome": "unheld", "text": "没有保存这条帖文"}
    assert house.browser("zhou").post("/wishes/answer", sent).status_code == 303
    page = house.browser().get("/about").text
    assert "15 个工作日内答复" in page
    assert "个人信息请求答复 1 件，其中 1 件逾期" in page


# ------------------------------------------------------------------ the command
def test_the_command_registers_lists_and_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    app = typer.Typer()
    commands.register(app)

    @app.command()
    def other() -> None:
        """So that `wish` stays a group."""

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["wish", *words])

    given = ("--kind", "access", "--proof", "shown", "--wish", "存了我哪些内容")
    done = run("add", LINK, *given, "--by", "zhou")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("wish 1, to be answered by ")
    row = json.loads(run("list").stdout)
    assert (row["id"], row["kind"], row["posts"]) == (1, "access", [])
    assert run("answer", "1", "unheld", "--reason", "没有保存", "--by", "wu").exit_code == 0
    assert run("list").stdout == ""
    assert json.loads(run("list", "--all").stdout)["outcome"] == "unheld"
