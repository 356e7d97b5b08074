"""What nobody was written to about stands in the digest one by one: in mail, page, document and sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from digesthouse import DAY, FEED, MORNING, START, case, count, digest, watch
from sqlalchemy import insert, update

from monitor.digest.make import Digest, catalogue
from monitor.model import Level, Notification, Occasion
from monitor.store import Store, open_store, outbox, schema, shifts

BUDGET = "当日已向该联系人发送20封，达到上限20封，并入日报"
ENGLISH = re.compile("[a-z]{4,}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    yield opened
    opened.close()


def kept_back(store: Store, incident: str, *, why: str = BUDGET, **values: Any) -> None:
    """An alert that did not go out, as the ledger leaves it."""
    message = Notification(
        key=f"{incident}:{len(why)}:{sorted(values.items())}",
        occasion=values.pop("occasion", Occasion.JOINED),
        channel="mail",
        recipient=values.pop("recipient", "duty@housing.qinghe.example"),
        reason="alert, score 0.91; same project 锦禾苑三期",
        level=values.pop("level", Level.YELLOW),
        incident=incident,
        department=values.pop("department", "housing"),
        data={"title": "锦禾苑三期 · 乙禾劳务"},
    )
    store.unit(lambda c: outbox.set_aside(c, [(message, why)], START + timedelta(hours=2)))


def silence(store: Store, **values: Any) -> int:
    row = {
        "author": "zhou", "reason": "已与总包约定每周一统一回复", "starts_at": START + timedelta(hours=1),
        "until": START + timedelta(days=2), "incident": None, "department": None, "occasions": [], **values,
    }  # fmt: skip
    return store.unit(lambda c: shifts.add_silence(c, row))


def closed(store: Store, number: int, due_in: timedelta, day: int = 7) -> str:
    """A closed case whose look-back has been asked for."""
    id_ = case(store, number, START - timedelta(days=30), state="closed", closed_at=START - timedelta(days=9))
    clock = {
        "incident": id_, "name": f"look_back_{day}", "started_at": START - timedelta(days=2),
        "due_at": MORNING + due_in, "done_at": None, "basis": "", "skipped": [],
    }  # fmt: skip
    store.unit(lambda c: c.execute(insert(schema.clocks), [clock]))
    return id_


def texts(told: Digest) -> dict[str, str]:
    """Every form of a digest as one text."""
    document = docx.Document(told.attachments[0])
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    book = openpyxl.load_workbook(told.attachments[1])
    values = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    return {
        "text": told.text,
        "html": told.html,
        "docx": "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells]),
        "xlsx": "\n".join(values),
    }


def test_alerts_kept_back_are_listed_one_by_one_in_every_form(store: Store, tmp_path: Path) -> None:
    first, second = case(store, 1, START), case(store, 2, START, level="orange")
    kept_back(store, first)
    kept_back(store, first, recipient="deputy@housing.qinghe.example")
    kept_back(store, second, level=Level.ORANGE, occasion=Occasion.OVERDUE, why="静默3号：zhou已静默")
    told = digest(store, tmp_path)
    for form, text in texts(told).items():
        assert BUDGET in text, form
        assert "静默3号：zhou已静默" in text, form
        assert "督办" in text, form
        assert "住房和城乡建设局（2人次）" in text, form
        assert first in text, form
        assert second in text, form
    assert "2项提醒没有单独发出（共3人次）" in told.text
    assert f"https://x.example/incidents/{second}" in told.html.split("并入日报的提醒")[1]
    assert told.text.index(f"[橙] {second}") < told.text.index(f"[黄] {first} 锦禾苑三期 · 乙禾劳务，续报")


def test_an_alert_sent_after_all_is_not_listed(store: Store, tmp_path: Path) -> None:
    kept_back(store, case(store, 1, START))
    store.unit(lambda c: c.execute(update(schema.outbox).values(state="sent")))
    for form, text in texts(digest(store, tmp_path)).items():
        assert BUDGET not in text, form


def test_long_lists_are_whole_in_the_sheet(store: Store, tmp_path: Path) -> None:
    for number in range(60):
        kept_back(store, case(store, number, START))
    told = digest(store, tmp_path)
    book = openpyxl.load_workbook(told.attachments[1])
    assert book["未单独发出的提醒"].max_row == 61
    assert "表中列出等级最高的40项" in told.text


@pytest.mark.parametrize(
    ("values", "scope", "state"),
    [
        ({}, "全部提醒", "生效中"),
        ({"incident": "QX-2027-0001", "occasions": ["joined", "due_soon"]}, "QX-2027-0001、续报、催办", "生效中"),
        ({"department": "housing", "until": START + timedelta(hours=9)}, "住房和城乡建设局", "已到期"),
        (
            {"ended_at": START + timedelta(hours=3), "ended_by": "wang", "ended_reason": "已付清"},
            "全部提醒", "wang于2027-01-20 03:00提前结束",
        ),
    ],
)  # fmt: skip
def test_silences_of_the_period_are_told_with_author_and_reason(
    store: Store, tmp_path: Path, values: dict[str, Any], scope: str, state: str
) -> None:
    silence(store, **values)
    for form, text in texts(digest(store, tmp_path)).items():
        for part in (scope, "zhou", "已与总包约定每周一统一回复", state):
            assert part in text, (form, part)


def test_a_silence_of_another_day_is_not_told(store: Store, tmp_path: Path) -> None:
    silence(store, starts_at=START - timedelta(days=3), until=START)
    assert not count(store).silences
    assert catalogue()["sentences"]["none_silences"] in digest(store, tmp_path).text


def test_look_backs_due_and_overdue_are_told_until_they_are_recorded(store: Store, tmp_path: Path) -> None:
    late, due = closed(store, 1, -timedelta(days=2)), closed(store, 2, timedelta(days=1), day=30)
    told = digest(store, tmp_path)
    assert "尚未登记结果的2项，其中超期1项" in told.text
    for form, text in texts(told).items():
        for part in (late, due, "7日回头看", "30日回头看", "超期2天", "到期待办"):
            assert part in text, (form, part)
    store.unit(lambda c: c.execute(update(schema.clocks).values(done_at=MORNING)))
    assert catalogue()["sentences"]["none_look_back"] in digest(store, tmp_path).text


def test_a_quiet_day_says_that_nothing_was_kept_back(store: Store, tmp_path: Path) -> None:
    watch(store)
    say = catalogue()["sentences"]
    for form, text in texts(digest(store, tmp_path)).items():
        if form != "xlsx":
            for key in ("none_aside", "none_silences", "none_look_back"):
                assert say[key] in text, (form, key)


def test_no_english_reason_reaches_a_digest(store: Store, tmp_path: Path) -> None:
    """Neither a feed's failure nor a machine's reason."""
    watch(store, "failed")
    reason = "timeout: not done within 20 s"
    state = {"name": FEED.name, "due_at": MORNING, "failures": 3, "outcome": "failed", "reason": reason}
    store.unit(lambda c: c.execute(insert(schema.feeds), [state]))
    kept_back(store, case(store, 1, START), why="alert, score 0.91; same project 锦禾苑三期")
    told = digest(store, tmp_path, day=DAY)
    for form in ("text", "docx"):
        text = re.sub(r"https?://\S+", "", texts(told)[form])
        assert "网站在规定时间内没有答完" in text
        assert not ENGLISH.search(text), form
