"""Other offices' lists: read without any person, kept once, undone, judged by a person, opened as a case."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import ledgerhouse
import openpyxl
import pytest
import typer
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from ledgerhouse import BOTH, NOON, county, joined, later, reading
from pipelinehouse import feeds_yaml
from typer.testing import CliRunner

from monitor.commands import lists as commands
from monitor.demo.elsewhere import bring_elsewhere, lists_of
from monitor.digest.figures import figures
from monitor.digest.make import catalogue
from monitor.digest.recapture import compared, recapture, state_of
from monitor.digest.recapture import sentences as report
from monitor.digest.sentences import sentences
from monitor.digest.told import told as words_of
from monitor.errors import ConfigError, ForbiddenChange, InputError
from monitor.incidents.listed import Called, Sighting, Sightings, debts
from monitor.incidents.recapture import Audit, chapman
from monitor.ledger import Ledger
from monitor.ledger import lists as acts
from monitor.ledger.chain import verify
from monitor.listed import FEED, Kept, Listed, keyed
from monitor.model import Document
from monitor.parse.debts import Reader, read_debts, sector_of, told
from monitor.store import Store, incidents, lists, open_store, retention
from monitor.store import ledger as rows_of
from monitor.store.schema import listed as table

TODAY = date(2026, 1, 20)
SECTORS = {"building_municipal": "房屋建筑和市政基础设施", "catering_hotel": "餐饮、住宿", "manufacturing": "工厂制造"}
READER = Reader(today=TODAY, sectors=SECTORS, towns={"青石镇": "青石镇", "柳溪镇": "柳溪镇", "柳溪": "柳溪镇"})
HEAD = ("受理时间", "被投诉单位", "项目名称", "事发地", "所属行业", "涉及人数", "欠薪金额（万元）")
GOOD = ("2026-01-12 09:30:00", "甲木建工", "锦禾苑三期", "柳溪镇锦禾苑", "建筑业", 23, 46)


def sheet(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def document(body: bytes) -> Document:
    return Document(url="file:x.xlsx", fetched_at=NOON, body=body)


def read(*rows: tuple[Any, ...], reader: Reader = READER) -> Any:
    return read_debts(document(sheet(*rows)), "x.xlsx", reader)


# ------------------------------------------------------------------ reading
def test_a_row_holds_a_debt_and_nothing_else() -> None:
    """Guard-rail: there is no place for a person in a row, in the table or in the key."""
    debt = {"day", "employer", "project", "place", "town", "sector", "workers", "amount_yuan"}
    assert {one.name for one in fields(Listed)} == debt
    assert {one.name for one in table.columns} == debt | {"list", "key"}


def test_columns_about_persons_are_never_read() -> None:
    persons = (
        "投诉人姓名",
        "联系电话",
        "身份证号",
        "家庭住址",
        "诉求内容",
        "承办人",
        "法定代表人",
        "投诉人",
        "工单备注",
    )
    head = (*persons[:4], *HEAD, *persons[4:], "工单编号")
    whole = (
        "张建国",
        "13812345678",
        "330102197001011234",
        "东街5号",
        *GOOD,
        "我叫张建国",
        "李四",
        "王五",
        "张建国",
        "急",
        "G1",
    )
    found = read(head, whole)
    assert found.rows == read(HEAD, GOOD).rows
    assert found.persons == persons
    assert found.unread == ("工单编号",)
    assert not any(word in str(found.rows) for word in ("张建国", "138", "330102", "东街"))


@pytest.mark.parametrize(
    "heading",
    [
        "投诉人",
        "反映人姓名",
        "来电号码",
        "手机号",
        "证件号码",
        "年龄",
        "微信号",
        "投诉对象联系人",
        "信访人",
        "劳动者信息",
    ],
)
def test_no_heading_about_a_person_is_taken_for_a_debtor(heading: str) -> None:
    assert read((heading, *HEAD), ("张建国", *GOOD)).persons == (heading,)


def test_a_row_is_read_with_its_town_trade_and_figures() -> None:
    ((number, row),) = read(HEAD, GOOD).rows
    assert number == 2
    assert row == Listed(
        day=date(2026, 1, 12), employer="甲木建工", project="锦禾苑三期", place="柳溪镇锦禾苑", town="柳溪镇",
        sector="building_municipal", workers=23, amount_yuan=460_000.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "employer", "project"),
    [
        ("甲木建工（锦禾苑三期项目）", "甲木建工", "锦禾苑三期项目"),
        ("锦禾苑三期项目（甲木建工）", "甲木建工", "锦禾苑三期项目"),
        ("甲木建工/锦禾苑三期", "甲木建工", "锦禾苑三期"),
        ("锦禾苑三期工地", None, "锦禾苑三期工地"),
        ("庚味火锅（东岸店）", "庚味火锅（东岸店）", None),
        ("甲木建工", "甲木建工", None),
    ],
)
def test_one_column_for_firm_and_site(written: str, employer: str | None, project: str | None) -> None:
    ((_, row),) = read(("日期", "单位/项目"), ("2026-01-12", written)).rows
    assert (row.employer, row.project) == (employer, project)


@pytest.mark.parametrize(
    "day",
    ["2026-01-12", "2026/1/12 9:30", "2026年1月12日", "20260112", "2026.1.12", datetime(2026, 1, 12, 9), 46034],  # noqa: DTZ001  a cell has no zone
)
def test_a_day_in_whatever_form(day: Any) -> None:
    assert read(("日期", "单位"), (day, "甲木建工")).rows[0][1].day == date(2026, 1, 12)


@pytest.mark.parametrize(
    ("row", "said", "kept"),
    [
        (("", "甲木建工", "1人", "1万元"), "第3行：没有写日期", 1),
        (("去年冬天", "甲木建工", "", ""), "第3行：“去年冬天”不是日期，应如 2026-11-03", 1),
        (("2026-13-01", "甲木建工", "", ""), "第3行：“2026-13-01”不是日期，应如 2026-11-03", 1),
        (("2026-02-01", "甲木建工", "", ""), "第3行：日期 2026-02-01 在今天之后", 1),
        (("2026-01-12", " ", "3", "5000"), "第3行：没有写单位，也没有写项目：没有可比对的名称", 1),
        (("2026-01-12", "甲木建工", "十来个", "5000"), "第3行：人数“十来个”读不出，这一项没有采用", 2),
        (("2026-01-12", "甲木建工", "3", "好几万"), "第3行：金额“好几万”读不出，这一项没有采用", 2),
        (("2026-01-12", "甲木建工", "3", "32万万元"), "第3行：金额“32万万元”读不出，这一项没有采用", 2),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_line_and_the_rest_is_kept(row: Any, said: str, kept: int) -> None:
    found = read(("日期", "单位", "人数", "金额"), ("2026-01-11", "乙禾劳务", 2, 3), row)
    assert [told(note) for note in found.notes] == [said]
    assert len(found.rows) == kept


def test_a_row_outside_the_days_the_list_speaks_for_is_named() -> None:
    reader = Reader(today=TODAY, first=date(2026, 1, 1), last=date(2026, 1, 10))
    assert [told(note) for note in read(HEAD, GOOD, reader=reader).notes] == [
        "第2行：日期 2026-01-12 不在这份清单的起止日期内"
    ]


def test_titles_above_the_headings_and_csv_of_an_old_program() -> None:
    title = ("青禾县12345热线欠薪工单", None, None)
    assert read(title, ("制表：一月", None), (), HEAD, GOOD).rows[0] == (5, read(HEAD, GOOD).rows[0][1])
    text = "登记日期,用人单位,属地\n2026-01-12,庚味火锅,柳溪\n"
    found = read_debts(document(text.encode("gb18030")), "x.csv", READER)
    assert found.rows[0][1].town == "柳溪镇"


@pytest.mark.parametrize(
    "body", [b"", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", "随便一段话".encode(), b"a,b\n1,2\n"]
)
def test_what_is_no_such_table_is_refused_in_a_sentence(body: bytes) -> None:
    with pytest.raises(ConfigError):
        read_debts(document(body), "x", READER)


@given(
    st.lists(st.lists(st.one_of(st.text(max_size=12), st.integers(), st.floats(), st.none()), max_size=7), max_size=5)
)
def test_no_cell_ends_the_reading(lines: list[list[Any]]) -> None:
    def plain(cell: Any) -> str:
        return "" if cell is None else str(cell).replace("\x00", "").replace("\r", "").replace("\n", "")

    text = "\n".join("\t".join(map(plain, line)).replace('"', "") for line in [HEAD, GOOD, *lines])
    found = read_debts(document(text.encode("utf-8", "replace")), "x", READER)
    assert found.rows[0][1].employer == "甲木建工"


def test_trades_by_the_words_of_other_offices() -> None:
    assert [sector_of(word, SECTORS) for word in ("建筑业", "餐饮", "工厂制造", "制造业", "天文", "")] == [
        "building_municipal", "catering_hotel", "manufacturing", "manufacturing", "unknown", "unknown",
    ]  # fmt: skip


# ------------------------------------------------------------------ keeping
@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    yield from ledgerhouse.stores(request.param, tmp_path)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return ledgerhouse.ledger_on(store)


DAYS = {"first": date(2026, 1, 1), "last": date(2026, 1, 20)}


def debt(day: int = 18, **told_: Any) -> Listed:
    return Listed(**{"day": date(2026, 1, day), "project": "锦禾苑三期", "employer": "甲木建工", **told_})


def bring(ledger: Ledger, *rows: Listed, source: str = "12345热线", **days: date) -> acts.Brought:
    told_ = {"source": source, "file": "热线.xlsx", "by": "zhou", "at": NOON, "reason": "一月工单", **DAYS, **days}
    return acts.bring(ledger, list(enumerate(rows, 2)), **told_)


def kept(ledger: Ledger) -> list[Any]:
    with ledger.store.read() as c:
        return lists.rows_between(c, date(2025, 1, 1), date(2027, 1, 1))


def whole(ledger: Ledger) -> bool:
    with ledger.store.read() as c:
        return not verify(c).breaks


def test_a_file_brought_twice_adds_nothing(ledger: Ledger) -> None:
    first = bring(ledger, debt(), debt(), debt(12, project=None))
    assert (first.number, first.new, first.known) == (1, 3, 0)
    again = bring(ledger, debt(), debt(), debt(12, project=None))
    assert (again.number, again.new, again.known) == (None, 0, 3)
    more = bring(ledger, debt(), debt(19))
    assert (more.number, more.new, more.known) == (2, 1, 1)
    assert len(kept(ledger)) == 4
    assert whole(ledger)


def test_days_that_had_no_rows_are_told_too(ledger: Ledger) -> None:
    bring(ledger, debt())
    longer = bring(ledger, debt(), first=date(2025, 12, 1))
    assert (longer.number, longer.new) == (2, 0)


def test_an_import_is_undone_and_what_another_one_holds_too_stays(ledger: Ledger) -> None:
    bring(ledger, debt(), debt(12))
    bring(ledger, debt(12), debt(13))
    assert acts.undo(ledger, 1, by="zhou", at=NOON, reason="导错了文件")
    assert [one.row.day.day for one in kept(ledger)] == [12, 13]
    assert not acts.undo(ledger, 1, by="zhou", at=NOON, reason="再撤一次")
    assert not acts.undo(ledger, 9, by="zhou", at=NOON, reason="没有这份")
    assert whole(ledger)
    assert bring(ledger, debt(), debt(12)).new == 1


def test_no_persons_name_or_number_reaches_the_database(ledger: Ledger) -> None:
    """Guard-rail: even where an office wrote a person into the debtor's or the place's cell."""
    told_ = bring(
        ledger, debt(employer="张建国", project=None), debt(employer="甲木建工 13812345678", place="东街5号3单元502室")
    )
    assert [note.values["value"] for note in told_.notes] == ["个人(姓张)"]
    assert {one.row.employer for one in kept(ledger)} == {"个人(姓张)", "甲木建工"}
    if ledger.store.sqlite:
        with sqlite3.connect(str(ledger.store.engine.url.database)) as plain:
            dump = "\n".join(plain.iterdump())
        plain.close()
        assert not any(word in dump for word in ("张建国", "13812345678", "502室"))


def test_rows_that_were_tampered_with_are_found(ledger: Ledger) -> None:
    bring(ledger, debt(), debt(12))
    ledger.store.unit(lambda c: c.execute(table.delete().where(table.c.day == "2026-01-12")))
    with ledger.store.read() as c:
        assert [one.problem for one in verify(c).breaks] == ["list 1 is not as it was brought"]


def test_lists_are_forgotten_with_what_was_said_of_them(ledger: Ledger) -> None:
    incident = ledger.record(joined(reading())).incident
    bring(ledger, debt())
    bring(ledger, debt(19))
    acts.judge(ledger, kept(ledger)[0].key, str(incident), same=True, by="zhou", at=NOON, reason="同一笔")
    counts = ledger.store.unit(lambda c: retention.purge(c, later(days=801)))
    assert counts["lists"] == 1  # the last stays, for its number
    assert [one.row.day.day for one in kept(ledger)] == [19]
    with ledger.store.read() as c:
        assert lists.verdicts(c) == {}
    assert whole(ledger)


# ------------------------------------------------------------------ what the net knows of them
def states(ledger: Ledger, source: str | None = None) -> list[tuple[str, str | None, int | None]]:
    with ledger.store.read() as c:
        found = compared(c, county(), DAYS["first"], DAYS["last"], source)
    return [(state_of(one), one.fit.incident, one.ahead) for one in found.debts]


def test_a_debt_the_net_saw_before_or_after_the_office(ledger: Ledger) -> None:
    incident = ledger.record(joined(reading())).incident
    bring(ledger, debt(18), debt(19, project="望江台", employer="丁岳路桥"))
    assert states(ledger) == [("seen", incident, -2), ("unseen", None, None)]
    with ledger.store.read() as c:
        found = recapture(c, county(), DAYS["first"], DAYS["last"])
        assert found is not None
        assert (found.listed, found.both, found.net, found.later, found.refused) == (2, 1, 1, 1, "few")
        assert recapture(c, county(), date(2025, 1, 1), date(2025, 2, 1)) is None


def test_what_a_list_itself_brought_is_nothing_the_net_saw(ledger: Ledger) -> None:
    """The same office's export in the pipeline, too: a list compared with itself would match all of it."""
    one = reading()
    ledger.record(joined(replace(one, post=replace(one.post, feed="12345热线", platform="12345热线"))))
    bring(ledger, debt())
    assert states(ledger) == [("unseen", None, None)]


def test_a_waiting_row_gets_a_persons_word_and_keeps_it_until_it_is_taken_back(ledger: Ledger) -> None:
    incident = str(ledger.record(joined(reading())).incident)
    bring(ledger, debt(project=None))
    assert states(ledger) == [("waiting", incident, None)]
    key = kept(ledger)[0].key
    before = ledger.store.unit(lambda c: incidents.one(c, incident))
    for same, state in ((True, "seen"), (False, "unseen")):
        acts.judge(ledger, key, incident, same=same, by="zhou", at=NOON, reason="看过")
        assert states(ledger)[0][0] == state
        with pytest.raises(ForbiddenChange, match="zhou"):
            acts.judge(ledger, key, incident, same=not same, by="wu", at=NOON, reason="再看")
        assert acts.unjudge(ledger, key, by="zhou", at=NOON, reason="撤回")
        assert states(ledger)[0][0] == "waiting"
    assert not acts.unjudge(ledger, key, by="zhou", at=NOON, reason="撤回")
    assert ledger.store.unit(lambda c: incidents.one(c, incident)) == before  # no case was touched
    with ledger.store.read() as c:
        done = [row["data"]["input"]["do"] for row in rows_of.rows(c) if row["act"] == "lists"]
    assert done == ["import", "judge", "unjudge", "judge", "unjudge"]
    assert whole(ledger)


def test_a_yes_follows_its_incident_into_another(ledger: Ledger) -> None:
    one = str(ledger.record(joined(reading())).incident)
    other = str(ledger.record(joined(reading("p2", "庚味火锅后厨5人两个月工资3万一直没发"))).incident)
    bring(ledger, debt(project="望江台", employer="丁岳路桥"))
    acts.judge(ledger, kept(ledger)[0].key, one, same=True, by="zhou", at=NOON, reason="同一笔")
    ledger.record(ledgerhouse.by("zhou", "merge", one, into=other))
    assert states(ledger) == [("seen", other, -2)]


@pytest.mark.parametrize("key", ["0" * 32, ""])
def test_a_row_that_is_not_there_cannot_be_judged_or_opened(ledger: Ledger, key: str) -> None:
    incident = str(ledger.record(joined(reading())).incident)
    with pytest.raises(ForbiddenChange):
        acts.judge(ledger, key, incident, same=True, by="zhou", at=NOON, reason="同一笔")
    with pytest.raises(ForbiddenChange):
        acts.open_case(ledger, key, by="zhou", at=NOON)


def test_a_case_is_opened_from_a_row_through_the_one_door_and_counts_as_unseen(ledger: Ledger) -> None:
    bring(ledger, debt(workers=12, amount_yuan=86_000.0, town="柳溪镇", sector="building_municipal"))
    key = kept(ledger)[0].key
    incident = acts.open_case(ledger, key, by="zhou", at=NOON)
    with ledger.store.read() as c:
        row, posts = incidents.one(c, incident), incidents.posts_of(c, incident)
    assert row is not None
    assert (row["lead"], row["town"], row["facts"]["workers"], row["facts"]["amount_yuan"]) == (
        "housing",
        "柳溪镇",
        12,
        86_000,
    )
    assert [(post["feed"], post["flag"], post["review"]) for post in posts] == [(FEED, "pass", None)]
    assert states(ledger) == [("unseen", incident, None)]
    with pytest.raises(ForbiddenChange):
        acts.open_case(ledger, key, by="wu", at=NOON)
    with ledger.store.read() as c:
        opened = [entry["reason"] for entry in rows_of.rows(c) if entry["act"] == "open"]
    assert opened == ["对照清单立案：12345热线 2026-01-18 登记，网上未见"]
    later_ = ledger.record(joined(reading(), at=later(hours=3)))
    assert later_.incident == incident
    assert states(ledger)[0][0] == "seen"
    assert whole(ledger)


def test_posts_that_speak_of_the_office_themselves_are_counted(ledger: Ledger) -> None:
    one = reading("q1", "锦禾苑三期工地，甲木建工拖欠我们23个工人工资一共46万元，打了12345也没用")
    ledger.record(joined(one))
    bring(ledger, debt())
    with ledger.store.read() as c:
        found = recapture(c, county(), DAYS["first"], DAYS["last"])
    assert found is not None
    assert (found.both, found.quoting) == (1, 1)


def test_many_rows_and_many_cases_are_compared_within_reason() -> None:
    """Names are looked up, not compared each with each."""
    base = date(2026, 1, 1)
    names = [f"{a}{b}{c}建工" for a in "甲乙丙丁戊己庚辛" for b in "木禾川岳泉光味达" for c in "安平长宁福顺和兴"]
    seen = [
        Sighting(incident=f"Q{n}", title="", first=base, last=base, employer=name, town="柳溪镇")
        for n, name in enumerate(names)
    ]
    rows = [Listed(day=base + timedelta(days=n % 9), employer=name, town="柳溪镇") for n, name in enumerate(names)]
    found = debts([Kept(k, "x", one) for k, one in keyed("x", rows).items()], Sightings(seen, Called()), {})
    assert sum(bool(one.seen) for one in found) == len(names)


# ------------------------------------------------------------------ the command line
COUNTY = """
code: "990001"
name: 青禾县
towns: [青石镇, 柳溪镇]
aliases: {柳溪: 柳溪镇}
register:
  - {kind: project, name: 锦禾苑三期, town: 柳溪镇, employers: [甲木建工]}
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "county.yaml").write_text(COUNTY, "utf-8")
    (tmp_path / "feeds.yaml").write_text(feeds_yaml([{"name": "县论坛", "url": "https://x.example/rss"}]), "utf-8")
    app = typer.Typer()
    commands.register(app)
    return lambda *words: CliRunner().invoke(app, ["lists", *words])


def test_from_the_file_to_the_figures_on_the_command_line(run: Callable[..., Result], tmp_path: Path) -> None:
    head, day = ("日期", "投诉人", "单位", "项目", "属地", "人数"), "2026-01-12"
    people = ("张建国", "甲木建工", "锦禾苑三期", "柳溪", 3)
    (tmp_path / "热线.xlsx").write_bytes(
        sheet(head, (day, *people), ("某天", *people), (day, "李四", "丁岳路桥", "", "", 1))
    )
    bring_ = ("import", "热线.xlsx", "--source", "12345热线", "--by", "zhou")
    first = run(*bring_)
    assert (first.exit_code, first.stdout) == (1, "list 1: 2 rows added, 0 were there before\n")
    assert first.stderr.splitlines() == [
        "热线.xlsx: columns about persons are not read and not stored: 投诉人",
        "第3行：“某天”不是日期，应如 2026-11-03",
        "1 rows could not be read",
    ]
    assert run(*bring_).stdout == "list —: 0 rows added, 2 were there before\n"
    assert "12345热线\t2026-01-12..2026-01-12\t2\t热线.xlsx\tzhou" in run("show").stdout
    rows = [json.loads(line) for line in run("rows", "--json").stdout.splitlines()]
    assert {(row["project"], row["employer"], row["state"], row["workers"]) for row in rows} == {
        ("锦禾苑三期", "甲木建工", "unseen", 3),
        (None, "丁岳路桥", "unseen", 1),
    }
    figures = json.loads(run("missed", "--json").stdout)
    assert (figures["listed"], figures["both"], figures["net"], figures["refused"]) == (2, 0, 0, "few")
    assert "清单上的欠薪2件，网上也看到0件" in run("missed").stdout
    key = next(row["row"] for row in rows if row["employer"] == "丁岳路桥")
    assert run("take", key[:12]).stdout.startswith("QX-")
    assert run("decide", key[:12], "undo").stdout == f"row {key[:12]}: undo\n"
    assert isinstance(run("decide", key[:12], "yes").exception, InputError)
    assert run("undo", "1", "--reason", "导错了").stdout == "list 1 undone\n"
    assert isinstance(run("undo", "1", "--reason", "导错了").exception, InputError)
    assert run("missed").exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("import", "热线.xlsx", "--source", " "),
        ("import", "热线.xlsx", "--source", "热线", "--from", "2026-02-30"),
        ("import", "热线.xlsx", "--source", "热线", "--from", "2026-02-03", "--to", "2026-02-01"),
        ("rows", "--state", "lost"),
        ("decide", "0" * 32, "maybe"),
    ],
)
def test_wrong_usage_ends_with_two(run: Callable[..., Result], words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize(
    "words", [("import", "fehlt.xlsx", "--source", "热线"), ("take", "00"), ("decide", "00", "yes")]
)
def test_what_is_not_there_is_said(run: Callable[..., Result], words: tuple[str, ...]) -> None:
    assert isinstance(run(*words).exception, InputError)


# ------------------------------------------------------------------ the month's report
def test_the_months_report_tells_what_the_net_never_saw(ledger: Ledger) -> None:
    ledger.record(joined(reading()))
    bring(ledger, debt(), debt(12, project="望江台", employer="丁岳路桥"))
    with ledger.store.read() as c:
        found = recapture(c, county(), TODAY - timedelta(days=89), TODAY)
        told_ = figures(c, TODAY, now=later(hours=20), feeds=[], days=31, missed=found)
    labels = catalogue()["counts"]
    said = sentences(words_of(told_, ledgerhouse.matrix(), county="青禾县", base_url="", labels=labels), catalogue())
    assert said["study"][-3:] == [
        "对照清单（12345热线，2026-01-01至2026-01-20）：清单上的欠薪2件，网上也看到1件（50%）。",
        "两边都有的，网上早于清单0件，同一天0件，晚于清单1件。",
        "两边都有的只有1件，不足7件，估出来不可靠。",
    ]


def test_the_estimate_as_a_report_tells_it() -> None:
    estimate = chapman(15, 10, 9)
    told_ = Audit(
        first=TODAY, last=TODAY, days=1, sources=("12345热线", "信访登记"), rows=20, listed=15, both=9, waiting=2,
        net=10, quoting=1, ahead=(-3, 0, 4), towns=(), sectors=(), by_source=(), estimate=estimate, refused="",
    )  # fmt: skip
    assert report(told_) == [
        "对照清单（12345热线、信访登记，2026-01-20至2026-01-20）：清单上的欠薪15件，网上也看到9件（60%）。",
        "两边都有的，网上早于清单1件，同一天1件，晚于清单1件。",
        f"据此估计，这些日子的欠薪约17件（95%的把握在{estimate.lo:.0f}到{estimate.hi:.0f}件之间），其中网上和清单都没有的约1件"
        f"（{estimate.unseen_lo:.0f}到{estimate.unseen_hi:.0f}件）。",
        "其中1件的帖文提到过这些渠道，实际件数可能更多。",
        "另有2件等人判断，未计入。",
    ]


def test_the_demo_countys_lists_are_brought_once_and_hold_no_person(tmp_path: Path) -> None:
    where = f"sqlite:///{tmp_path / 'demo.db'}"
    for _ in range(2):
        bring_elsewhere(where, county(), b"k" * 32)
    found = list(lists_of(TODAY))
    store = open_store(where)
    with store.read() as c:
        assert [one.source for one in lists.imports(c)] == [one.source for one in reversed(found)]
        kept_ = lists.rows_between(c, TODAY - timedelta(days=999), TODAY + timedelta(days=9999))
    store.close()
    assert len(kept_) == sum(len(one.rows) for one in found)
    assert {one.row.employer for one in kept_} == {row.employer for one in found for row in one.rows}
