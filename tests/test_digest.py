"""The digest: what it counts, where a day begins, what it dares to say, and that it goes out once."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import ledgerhouse
import openpyxl
import pytest
import typer
import webhouse
from digesthouse import DANGEROUS, DAY, FEED, FORMULA, MORNING, START, case, count, digest, watch
from ledgerhouse import county, matrix
from sqlalchemy import select, update
from typer.testing import CliRunner

from monitor import config
from monitor.clocks import Calendar
from monitor.commands import papers as commands_papers
from monitor.commands import serving
from monitor.digest import make, papers
from monitor.digest.figures import local_day
from monitor.digest.make import Digest, catalogue
from monitor.digest.sheet import workbook
from monitor.digest.study import burn_down, debtors
from monitor.errors import InputError
from monitor.pipeline.daily import make_digest, periods_due, queue_digest
from monitor.store import Store, open_store, schema
from monitor.store.papers import take_number
from monitor.text import SHANGHAI


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    yield opened
    opened.close()


# ------------------------------------------------------------------ figures
def test_a_day_begins_and_ends_at_midnight_in_shanghai(store: Store) -> None:
    second = timedelta(seconds=1)
    end = START + timedelta(days=1)
    before, first, last, after = (
        case(store, n, at) for n, at in enumerate((START - second, START, end - second, end), 1)
    )
    found = {row["id"] for row in count(store).opened}
    assert found == {first, last}
    assert datetime(2027, 1, 19, 16, tzinfo=UTC) == START
    assert {row["id"] for row in count(store, days=2).opened} == {before, first, last}
    assert after not in found


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "UTC", "Asia/Shanghai"])
def test_the_zone_of_the_host_changes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """On a day at which New York's clocks jump (2027-03-14)."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        day = date(2027, 3, 14)
        start, end = local_day(day)
        assert end - start == timedelta(hours=24)
        case(store, 1, start)
        case(store, 2, end)
        found = count(store, now=end, day=day)
        assert len(found.opened) == 1
        assert found.series[-1] == (day, {"yellow": 1}, 0)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_merged_and_dismissed_cases_are_not_counted(store: Store) -> None:
    case(store, 1, START)
    case(store, 2, START, state="merged", merged_into="QX-2027-0001")
    case(store, 3, START, state="dismissed")
    found = count(store)
    assert len(found.opened) == 1
    assert sum(found.series[-1][1].values()) == 1
    assert found.opened_by_level == {"red": 0, "orange": 0, "yellow": 1, "blue": 0}


def test_money_days_and_punctuality_by_hand(store: Store) -> None:
    paid = {"state": "closed", "paid_yuan": 40_000.0, "paid_workers": 8, "close_code": "C1"}
    case(store, 1, START - timedelta(days=4), closed_at=START + timedelta(hours=1), **paid)
    case(store, 2, START - timedelta(days=14), closed_at=START + timedelta(hours=2), **paid)  # four days too late
    case(store, 3, START - timedelta(days=20))  # nine days and more too late
    case(store, 4, START, facts={"workers": None, "amount_yuan": None}, lead="hrss")
    found = count(store)
    assert found.closed["paid_yuan"] == 80_000
    assert found.closed["days_to_payment"] == pytest.approx(9.0625)
    assert found.on_time == {"total": 3, "on_time": 1, "share": pytest.approx(1 / 3)}
    assert found.owed == {"yuan": 50_000, "workers": 10, "unknown": 1, "incidents": 2}
    assert found.late == {"QX-2027-0003"}
    assert [row[:3] for row in found.late_by_lead] == [("housing", 1, 1)]


def test_what_was_dismissed_merged_or_put_off_is_nobodys_success(store: Store) -> None:
    """按时办结率: only close-outs count, so that no case can be closed by doing nothing."""
    for number, code in ((1, "C9"), (2, "C10")):
        ended = {"state": "closed", "closed_at": START + timedelta(hours=1), "close_code": code}
        case(store, number, START - timedelta(days=4), **ended)
    case(store, 3, START - timedelta(days=4), state="dismissed", closed_at=START + timedelta(hours=1))
    assert count(store).on_time == {"total": 0, "on_time": 0, "share": None}


def test_what_is_owed_is_what_was_verified_before_what_was_stated(store: Store) -> None:
    case(store, 1, START, facts={"workers": 10, "amount_yuan": 50_000}, closeout={"due_yuan": 30_000, "due_workers": 8})
    case(store, 2, START, facts={"workers": 160, "amount_yuan": None})
    assert count(store).owed == {"yuan": 30_000, "workers": 168, "unknown": 1, "incidents": 2}


def test_every_late_case_is_counted_although_few_are_listed(store: Store, tmp_path: Path) -> None:
    for number in range(230):
        case(store, number, START - timedelta(days=40))
    told = digest(store, tmp_path)
    assert len(count(store).late) == 230
    assert "230项已经超期" in told.text
    assert "列出最久的40项" in told.text


# ------------------------------------------------------------------ what it dares to say
def test_an_empty_day_says_so_only_where_everything_was_seen(store: Store, tmp_path: Path) -> None:
    watch(store)
    say = catalogue()["sentences"]
    told = digest(store, tmp_path)
    assert say["none_opened"] in told.text
    assert "采集成功率100%" in told.text


@pytest.mark.parametrize(
    ("outcome", "hours", "why"),
    [
        ("ok", range(0), "本期没有采集"),
        ("failed", range(24), "采集失败"),
        ("ok", range(12), "最长12小时没有采到"),
        ("ok", range(9, 24), "最长9小时没有采到"),
    ],
)
def test_a_blind_day_is_never_called_quiet(store: Store, tmp_path: Path, outcome: str, hours: range, why: str) -> None:
    if hours:
        watch(store, outcome, hours=hours)
    say = catalogue()["sentences"]
    told = digest(store, tmp_path)
    body = "\n".join(paragraph.text for paragraph in docx.Document(told.attachments[0]).paragraphs)
    for text in (told.text, told.html, body):
        assert say["none_opened"] not in text
        assert "不能据此认为没有欠薪" in text
        assert f"{why}：青禾论坛" in text


def test_every_figure_opens(store: Store, tmp_path: Path) -> None:
    case(store, 1, START)
    told = digest(store, tmp_path, days=7)
    assert "/incidents?state=all&opened=2027-01-14..2027-01-20" in told.text
    assert "https://x.example/incidents/QX-2027-0001" in told.html
    assert told.text.count("https://x.example/") == 11
    document = docx.Document(told.attachments[0])
    targets = {rel.target_ref for rel in document.part.rels.values() if rel.reltype.endswith("/hyperlink")}
    assert "https://x.example/incidents?state=all&opened=2027-01-14..2027-01-20" in targets
    assert "https://x.example/incidents/QX-2027-0001" in targets


# ------------------------------------------------------------------ strings from outside
def test_formulas_and_control_characters_are_inert(store: Store, tmp_path: Path) -> None:
    for number, text in enumerate(DANGEROUS[:-1]):
        case(store, number, START, title=text, town=text)
    sheet = workbook({"=台账": (DANGEROUS, [DANGEROUS, [1, 2.5, None, MORNING, True, "", "x"]])})
    told = digest(store, tmp_path)
    for body in (io.BytesIO(sheet), told.attachments[1]):
        cells = [cell for page in openpyxl.load_workbook(body) for row in page.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
        assert any(cell.value == FORMULA for cell in cells)
    with_controls = openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0]["G2"]
    assert with_controls.value == "abc"
    document = docx.Document(told.attachments[0])
    assert any(FORMULA in cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "w:fldSimple" not in document.element.xml
    assert "instrText" not in document.element.xml
    assert "&lt;" not in told.text


def test_the_mail_has_no_row_that_a_phone_cannot_show(store: Store, tmp_path: Path) -> None:
    """Six columns on 390 pixels stood one character wide: what is about a case stands below its title."""
    case(store, 1, START)
    html = digest(store, tmp_path).html
    assert '<meta name="viewport"' in html
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.S)
    assert max(len(re.findall(r"<t[dh]", row)) for row in rows) <= 4
    row = next(row for row in rows if "QX-2027-0001" in row)
    for part in ("主办部门", "金额"):
        assert part in row


def test_html_of_a_title_is_shown_and_not_run(store: Store, tmp_path: Path) -> None:
    case(store, 1, START, title="<img src=x onerror=alert(1)>")
    assert "<img src=x" not in digest(store, tmp_path).html


# ------------------------------------------------------------------ weeks and months
def test_debtors_are_companies_and_never_people() -> None:
    def row(number: int, employer: str, state: str = "assigned") -> dict[str, Any]:
        facts = {"employer": employer, "workers": 2, "amount_yuan": 1000.0}
        return {"id": f"QX-{number}", "state": state, "opened_at": START, "facts": facts}

    rows = [row(1, "甲木建工/乙禾劳务"), row(2, "乙禾劳务", "closed"), row(3, "包工头老罗"), row(4, "午净")]
    found = debtors(rows, "employer", {"午净"}, ["劳务", "建工"])
    assert [(one.name, len(one.incidents), one.in_hand) for one in found] == [
        ("乙禾劳务", 2, 1), ("午净", 1, 1), ("甲木建工", 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("closed_a_day", "finish"), [(2, DAY + timedelta(days=6)), (1, DAY + timedelta(days=26)), (0, None)]
)
def test_the_burn_down_forecasts_at_the_pace_of_a_fortnight(closed_a_day: int, finish: date | None) -> None:
    opened = START - timedelta(days=60)
    closed = [START - timedelta(days=day, hours=-1) for day in range(14) for _ in range(closed_a_day)]
    lives = [(opened, at) for at in (*closed, *[None] * (40 - len(closed)))]
    found = burn_down(lives, [], set(), DAY, length=30, stop=date(2027, 2, 4))
    assert found.in_hand[0][1] == 40
    assert found.in_hand[-1][1] == 40 - 14 * closed_a_day
    assert found.pace == closed_a_day
    assert found.finish == finish
    assert found.in_time is (closed_a_day == 2)


def test_a_week_names_repeat_debtors_and_what_stands_in_the_way(store: Store, tmp_path: Path) -> None:
    case(store, 1, START - timedelta(days=100), facts={"traits": ["employer_fled"]})
    case(store, 2, START)
    told = digest(store, tmp_path, days=7)
    assert "周报" in told.subject
    assert "乙禾劳务（2件，在办2件）" in told.text
    assert "用人单位失联1件（QX-2027-0001）" in told.text
    assert "不能清零" in told.text
    assert "住房和城乡建设局：1" in told.text


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2027, 1, 21), [(date(2027, 1, 20), 1)]),
        (date(2027, 1, 25), [(date(2027, 1, 24), 1), (date(2027, 1, 24), 7)]),
        (date(2027, 1, 27), [(date(2027, 1, 26), 1), (date(2027, 1, 24), 7)]),
        (date(2027, 1, 28), [(date(2027, 1, 27), 1)]),
        (date(2027, 3, 1), [(date(2027, 2, 28), 1), (date(2027, 2, 28), 7), (date(2027, 2, 28), 28)]),
        (date(2028, 3, 1), [(date(2028, 2, 29), 1), (date(2028, 2, 27), 7), (date(2028, 2, 29), 29)]),
    ],
)
def test_the_week_is_due_on_monday_and_the_month_on_the_first(today: date, expected: list[tuple[date, int]]) -> None:
    assert [(day, days) for _, day, days in periods_due(today)] == expected


# ------------------------------------------------------------------ once
def loaded(home: Path) -> config.Config:
    settings = config.Settings(home=home, base_url="https://x.example", digest_hour=8)
    return config.Config(settings=settings, feeds=(FEED,), county=county())


def queued(store: Store) -> list[str]:
    with store.read() as c:
        return list(c.execute(select(schema.outbox.c.key).order_by(schema.outbox.c.id)).scalars())


def test_it_goes_out_once_at_its_hour_whatever_restarts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'xinshao.db'}"
    results = []
    for second in (-1, 1, 1, 3600, -7200):
        store = open_store(url)  # a restart each time; the clock jumps back at the end
        now = MORNING + timedelta(seconds=second)
        results.append(queue_digest(store, loaded(tmp_path), matrix(), Calendar(), now))
        keys = queued(store)
        store.close()
    assert results == [False, True, False, False, False]
    assert keys == ["digest:2027-01-20:qx_office@qinghe.example"]


def test_two_workers_queue_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds the first's mark although it began before it was set."""
    store = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    now = MORNING + timedelta(minutes=1)
    from monitor.pipeline import daily

    making = daily.make_digest

    def slow(*given: Any) -> Digest:
        monkeypatch.setattr(daily, "make_digest", making)
        assert queue_digest(store, loaded(tmp_path), matrix(), Calendar(), now)
        return making(*given)

    monkeypatch.setattr(daily, "make_digest", slow)
    assert not queue_digest(store, loaded(tmp_path), matrix(), Calendar(), now)
    assert len(queued(store)) == 1
    store.close()


def test_a_file_is_the_old_one_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "digest.docx"
    make.write_whole(path, b"old")

    def dies(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", dies)
    with pytest.raises(OSError, match="disk full"):
        make.write_whole(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["digest.docx"]


# ------------------------------------------------------------------ the papers of one case
def case_file(store: Store, id_: str, now: datetime = MORNING) -> papers.CaseFile:
    with store.read() as c:
        found = papers.case_file(c, id_, matrix=matrix(), county=county(), now=now)
    assert found is not None
    return found


def test_the_papers_say_what_is_known_and_name_nobody(store: Store) -> None:
    id_ = case(store, 1, START, route={"articles": ["TL7(2)", "TL29"]}, facts={"missing": ["place"]})
    late = case_file(store, id_, START + timedelta(days=12))
    for kind in papers.KINDS:
        document = docx.Document(io.BytesIO(papers.paper(late, kind)))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        text = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
        assert "{" not in text, kind
        assert "None" not in text, kind
        assert id_ in text, kind
        if kind in ("reply", "card"):  # for the public
            assert text.count("住房和城乡建设局") == 1
            assert "乙禾劳务" not in text


def told(file: papers.CaseFile, kind: str) -> str:
    """Everything a paper says, tables too."""
    document = docx.Document(io.BytesIO(papers.paper(file, kind)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_report_is_marked_internal_and_advises_what_fits(store: Store) -> None:
    site = case(store, 1, START, facts={"traits": ["gov_invested", "employer_fled"]}, route={"articles": ["TL30"]})
    school = case(store, 2, START, sector="education_training", facts={"workers": 3, "amount_yuan": 9000, "months": 2})
    first, second = told(case_file(store, site), "report"), told(case_file(store, school), "report")
    assert first.startswith("内部\n")
    for words in ("总承包单位先行清偿", "不得由施工单位垫资", "应急周转金", "政府投资项目", "责令限期支付"):
        assert words in first, words
        assert words not in second.replace("未注明是政府投资或国有企业", ""), words
    assert "本省标准未填入" in first, "nobody entered the province's figures"
    assert "数额线" not in second


def test_what_is_verified_and_what_is_not_stand_apart(store: Store) -> None:
    found = {"due_yuan": 48_000.0, "due_workers": 9}
    id_ = case(
        store, 1, START, verification="true", closeout=found, paid_yuan=16_000.0, paid_workers=3,
        facts={"missing": ["period"]},
    )  # fmt: skip
    report = told(case_file(store, id_), "report")
    assert "已核实：应付9人、4.8万元；已付3人、1.6万元。" in report
    assert "待核实：拖欠时段。" in report
    assert "待核实" not in told(case_file(store, case(store, 2, START)), "report"), "nothing is verified yet"


def test_a_transfer_says_where_it_stands_what_is_asked_and_whom_to_ask(store: Store) -> None:
    ledger = ledgerhouse.ledger_on(store)
    id_ = ledger.record(ledgerhouse.joined(ledgerhouse.reading())).incident
    assert id_ is not None
    text = told(case_file(store, id_), "transfer")
    for words in ("来源与链接", "https://", "内容摘要", "办理要求", "留存凭证", "联系人"):
        assert words in text, words
    assert "交办后5个工作日内" in text, "as long as the ledger's own rule lets a department return a case"
    assert "签收时限内写明理由退回" not in text


def test_a_town_is_called_by_its_name_and_an_office_does_not_hand_over_to_itself(store: Store) -> None:
    town = case(store, 1, START, lead="town")
    assert "柳溪镇：" in told(case_file(store, town), "transfer")
    office = case(store, 2, START, lead="qx_office")
    reply = told(case_file(store, office), "reply")
    assert "此事由县根治拖欠农民工工资工作领导小组办公室核查办理" in reply
    assert "已将此事交" not in reply


def test_who_is_told_that_it_is_untrue_is_told_where_to_object(store: Store) -> None:
    given = {"given": {"leader": "分管副县长", "appeal": "县信访局窗口"}}
    id_ = case(store, 1, START, state="closed", close_code="C8", closed_at=START, closeout=given)
    assert "对结果有异议的，可通过县信访局窗口提出" in told(case_file(store, id_), "reply")


def test_a_reminder_of_the_leaders_names_the_transfer_it_is_about(store: Store) -> None:
    id_ = case(store, 1, START)
    late = START + timedelta(days=12)
    assert "原单" not in told(case_file(store, id_, late), "supervise")
    papers.numbered(store, case_file(store, id_), "transfer", "zhou")
    assert "原单：转办〔2027〕1号。" in told(case_file(store, id_, late), "supervise")


def test_the_card_tells_a_worker_what_the_law_gives_and_names_no_debtor(store: Store) -> None:
    site = case(store, 1, START, facts={"traits": ["no_contract", "employer_fled"]})
    school = case(store, 2, START, sector="education_training")
    first, second = told(case_file(store, site), "card"), told(case_file(store, school), "card")
    for words in ("12333", "法律援助法", "两年内", "一年内", "不超过五人"):
        assert words in first
        assert words in second
    assert "施工总承包单位先付" in first
    assert "应急周转金" in first
    assert "没有签合同也可以投诉" in first
    assert "劳动合同法第八十五条" in second
    assert "施工总承包" not in second, "a school has none"
    assert "乙禾劳务" not in first


def header(body: bytes) -> str:
    """The line under the name of the office: number and date."""
    lines = [paragraph.text for paragraph in docx.Document(io.BytesIO(body)).paragraphs]
    return next(after for line, after in pairwise(lines) if line.endswith("办公室"))


def test_numbers_count_on_within_kind_and_year_and_stay_with_their_paper(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'xinshao.db'}"
    december, january = MORNING - timedelta(days=25), MORNING
    told = []
    for round_ in range(2):  # a restart between them, and everything made once more
        store = open_store(url)
        if not round_:
            for number in (1, 2, 3):
                case(store, number, START - timedelta(days=40))
        for id_, now in (("QX-2027-0001", december), ("QX-2027-0002", december), ("QX-2027-0003", january)):
            file = case_file(store, id_, now)
            for kind in papers.KINDS:
                body = papers.paper(file, kind, papers.numbered(store, file, kind, "zhou"))
                told.append((kind, header(body).split("　")[0]))
        store.close()
    assert told[: len(told) // 2] == told[len(told) // 2 :]
    assert [text for kind, text in told[: len(told) // 2] if kind == "report"] == ["第1期", "第2期", "第1期"]
    assert [text for kind, text in told[: len(told) // 2] if kind == "supervise"] == [
        "督办〔2026〕1号", "督办〔2026〕2号", "督办〔2027〕1号",
    ]  # fmt: skip
    assert [text for kind, text in told[: len(told) // 2] if kind == "reply"] == [
        "QX-2027-0001",
        "QX-2027-0002",
        "QX-2027-0003",
    ]


def issue(store: Store, id_: str, kind: str, now: datetime) -> str:
    """A paper with its number; what stands in its head before the date."""
    file = case_file(store, id_, now)
    return header(papers.paper(file, kind, papers.numbered(store, file, kind, "zhou"))).split("　")[0]


def test_a_follow_up_is_numbered_within_its_report_and_tells_only_what_is_new(store: Store) -> None:
    """值守信息报送: 续报 does not repeat the beginning; made again it is the same one."""
    ledger = ledgerhouse.ledger_on(store)
    id_ = ledger.record(ledgerhouse.joined(ledgerhouse.reading())).incident
    assert id_ is not None
    hour = [ledgerhouse.later(hours=number) for number in range(12)]
    with pytest.raises(InputError, match="先出初报"):
        issue(store, id_, "follow", hour[1])
    assert issue(store, id_, "report", hour[1]) == "第1期"
    with pytest.raises(InputError, match="第1期以来没有新的登记"):
        issue(store, id_, "follow", hour[2])
    ledger.record(ledgerhouse.by("li", "accept", id_, hour[3], department="housing"))
    assert [issue(store, id_, "follow", hour[number]) for number in (4, 5)] == ["第1期续报一"] * 2
    ledger.record(ledgerhouse.joined(ledgerhouse.reading("p2", url="https://bbs.qinghe.example/t/2"), hour[6]))
    ledger.record(ledgerhouse.by("li", "verify", id_, hour[7], verification="true"))
    assert issue(store, id_, "follow", hour[8]) == "第1期续报二"
    assert issue(store, id_, "report", hour[9]) == "第1期"
    file = case_file(store, id_, hour[9])
    told = [one.text for one in docx.Document(io.BytesIO(papers.paper(file, "follow"))).paragraphs]
    assert any("上一次续报：第1期续报一" in line for line in told)
    assert any("新增帖文1条" in line for line in told)
    assert not any("甲木建工" in line for line in told), "the beginning is told in the first report"


def test_a_new_lead_gets_a_transfer_of_its_own(store: Store) -> None:
    id_ = case(store, 1, START)
    first = papers.numbered(store, case_file(store, id_), "transfer", "zhou")
    store.unit(lambda c: c.execute(update(schema.incidents).values(lead="transport")))
    second = papers.numbered(store, case_file(store, id_), "transfer", "zhou")
    assert [number and number.number for number in (first, second)] == [1, 2]


def test_two_who_number_at_once_get_two_numbers(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'xinshao.db'}"
    open_store(url).close()

    def take(subject: str) -> int:
        store = open_store(url)
        try:
            work = partial(take_number, kind="day", subject=subject, year=2027, now=MORNING, by="machine")
            return store.unit(work).number
        finally:
            store.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, [f"s{n % 6}" for n in range(24)])) == sorted([*range(1, 7)] * 4)


def test_a_digest_has_the_number_of_its_period(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    seen = []
    for day, days in ((DAY, 1), (DAY, 7), (DAY + timedelta(days=1), 1), (DAY, 1), (DAY, 3)):
        made = make_digest(store, loaded(tmp_path), matrix(), Calendar(), day, MORNING, tmp_path / "out", days)
        seen.append(next((word for word in made.text.split("\n")[0].split() if word.startswith("第")), ""))
        assert header(Path(made.attachments[0]).read_bytes()).startswith(seen[-1] or "2027年")
        assert seen[-1] in made.html
    assert seen == ["第1期", "第1期", "第2期", "第1期", ""]
    store.close()


def test_nothing_late_is_not_supervised(store: Store) -> None:
    id_ = case(store, 1, START)
    with pytest.raises(InputError, match="没有超期"):
        papers.paper(case_file(store, id_), "supervise")


def test_the_line_of_the_criminal_law_is_a_hint_only(store: Store) -> None:
    lines = matrix().criminal_lines
    reaching = {"months": lines.one_worker_months, "workers": 1, "amount_yuan": lines.one_worker_yuan}
    nothing = {"workers": None, "amount_yuan": None, "months": None}
    facts = (
        reaching,
        {**reaching, "amount_yuan": lines.one_worker_yuan - 1},
        nothing,
        {**reaching, "traits": ["project_payment"]},
    )
    said = [told(case_file(store, case(store, n, START, facts=one)), "report") for n, one in enumerate(facts, 1)]
    assert ["数额线" in one for one in said] == [True, False, False, False]
    assert all("涉嫌" not in one for one in said)


# ------------------------------------------------------------------ the commands
def test_the_commands_write_and_refuse(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer()
    serving.register(app)
    commands_papers.register(app)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    id_, out = case(store, 1, START), tmp_path / "out"
    runner = CliRunner()
    made = runner.invoke(app, ["digest", "--date", "2026-01-20", "--days", "7", "--out", str(out)])
    assert made.exit_code == 0, made.output
    assert {path.suffix for path in out.iterdir()} == {".docx", ".xlsx", ".png", ".html", ".txt", ".eml"}
    written = runner.invoke(app, ["paper", "report", id_, "--out", str(out / "report.docx")])
    assert written.exit_code == 0, written.output
    assert (out / "report.docx").read_bytes().startswith(b"PK")
    assert runner.invoke(app, ["paper", "report", "QX-1999-0001", "--out", str(out / "no.docx")]).exit_code == 1
    assert not (out / "no.docx").exists()
    assert runner.invoke(app, ["paper", "poem", id_]).exit_code == 2


# ------------------------------------------------------------------ on the pages
def test_a_figure_opens_to_exactly_its_cases(tmp_path: Path) -> None:
    house = webhouse.build(tmp_path)
    id_ = house.opens()
    today = house.now.astimezone(SHANGHAI).date()
    browser = house.browser("zhou")
    for span, found in ((f"{today}..{today}", 1), (f"{today - timedelta(days=9)}..{today - timedelta(days=1)}", 0)):
        assert f"共 {found} 件" in browser.get(f"/incidents?state=all&opened={span}").text
    assert "共 1 件" in browser.get("/incidents?state=all&opened=9999-12-31..9999-12-31").text  # no day: no filter
    assert f"/incidents/{id_}/papers/report.docx" in browser.get(f"/incidents/{id_}").text


def test_papers_come_to_who_may_read_and_to_no_other(tmp_path: Path) -> None:
    house = webhouse.build(tmp_path)
    id_ = house.opens()
    answer = house.browser("zhou").get(f"/incidents/{id_}/papers/transfer.docx")
    assert answer.status_code == 200
    assert any("转办单" in paragraph.text for paragraph in docx.Document(io.BytesIO(answer.content)).paragraphs)
    assert header(answer.content).startswith(id_)  # nobody took a number by looking
    for _ in range(2):
        taken = house.browser("zhou").post(f"/incidents/{id_}/papers/report")
        assert header(taken.content).startswith("第1期")
    assert house.browser("shui").post(f"/incidents/{id_}/papers/report").status_code == 404
    assert house.browser("zhou").client.post(f"/incidents/{id_}/papers/report").status_code in (400, 403)  # no token
    assert header(house.browser("wu").get(f"/incidents/{id_}/papers/report.docx").content).startswith("第1期")
    assert house.browser("zhou").get(f"/incidents/{id_}/papers/poem.docx").status_code == 404
    assert house.browser("shui").get(f"/incidents/{id_}/papers/transfer.docx").status_code == 404
    assert house.browser("zhou").get(f"/incidents/{id_}/papers/supervise.docx").status_code == 400


def test_a_follow_up_is_offered_once_there_is_a_report_to_follow(tmp_path: Path) -> None:
    """A link that can only be answered by a fault is no offer."""
    house = webhouse.build(tmp_path)
    id_ = house.opens()
    browser = house.browser("zhou")
    assert "papers/follow" not in browser.get(f"/incidents/{id_}").text
    browser.post(f"/incidents/{id_}/papers/report")
    assert f"/incidents/{id_}/papers/follow.docx" in browser.get(f"/incidents/{id_}").text
