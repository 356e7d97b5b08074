"""The chain: whole when untouched, broken at the very row when touched, and able to tell any past state again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import NOON, by, joined, later, ledger_on, reading, slip
from sqlalchemy import delete, select, update

from monitor.errors import XinshaoError
from monitor.ledger import Ledger
from monitor.ledger.chain import state_at, verify
from monitor.ledger.erase import erase
from monitor.ledger.export import _words, export_rows
from monitor.model import MACHINE, Change
from monitor.routing import load_matrix
from monitor.store import incidents, open_store, outbox, posts, retention
from monitor.store import ledger as rows
from monitor.store.ledger import plain
from monitor.store.schema import incidents as incident_table
from monitor.store.schema import ledger as ledger_table


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    yield ledger_on(store)
    store.close()


def worked(ledger: Ledger) -> str:
    """An incident with some history."""
    incident = str(ledger.record(joined(reading())).incident)
    ledger.record(joined(reading("p2", author="乙"), at=later(minutes=3)))
    for name, data in (
        ("accept", {"department": "housing"}),
        ("verify", {"verification": "partly", "workers": 20}),
        ("pay", {"yuan": 10_000, "workers": 1}),
        ("note", {}),
    ):
        ledger.record(by("li", name, incident, at=later(hours=1), **data))
    ledger.escalate_due(later(hours=30))
    return incident


def breaks(ledger: Ledger) -> list[tuple[int | None, str]]:
    with ledger.store.read() as c:
        return [(one.seq, one.problem) for one in verify(c).breaks]


def test_an_untouched_ledger_verifies(ledger: Ledger) -> None:
    worked(ledger)
    with ledger.store.read() as c:
        chain = verify(c)
    assert chain.whole
    assert chain.length == 7
    assert chain.head.startswith("7:")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "改过的理由"),
        ("actor", "someone"),
        ("act", "close"),
        ("at", later(days=1)),
        ("version", 9),
        ("incident", None),
        ("data", {"input": {"yuan": 1}}),
        ("hash", "f" * 64),
    ],
)
def test_a_tampered_row_is_found_where_it_stands(ledger: Ledger, column: str, value: Any) -> None:
    worked(ledger)
    ledger.store.unit(lambda c: c.execute(update(ledger_table).where(ledger_table.c.seq == 4).values({column: value})))
    assert (4, "was changed after it was written") in breaks(ledger)


def test_a_row_taken_out_is_found(ledger: Ledger) -> None:
    worked(ledger)
    ledger.store.unit(lambda c: c.execute(delete(ledger_table).where(ledger_table.c.seq == 3)))
    assert (4, "row 3 is missing") in breaks(ledger)


def test_an_incident_changed_behind_the_ledger_is_found(ledger: Ledger) -> None:
    incident = worked(ledger)
    ledger.store.unit(
        lambda c: c.execute(update(incident_table).where(incident_table.c.id == incident).values(paid_yuan=460_000))
    )
    assert breaks(ledger) == [(None, "differs from its history in paid_yuan")]


def test_any_past_state_is_told_again(ledger: Ledger) -> None:
    """A long random life: after every change, the rows alone give the incident as it is stored."""
    chance = random.Random(7)
    incident = str(ledger.record(joined(reading())).incident)
    seen: list[tuple[int, dict[str, Any]]] = []
    acts: list[tuple[str, dict[str, Any]]] = [
        ("acknowledge", {"department": "housing"}), ("accept", {"department": "housing"}),
        ("return", {"department": "housing", "code": "R1"}), ("arbitrate", {"lead": "housing", "final": True}),
        ("reassign", {"lead": "transport"}), ("accept", {"department": "transport"}), ("contact", {"means": "account"}),
        ("verify", {"verification": "true", "workers": 2, "yuan": 200}),
        ("pay", {"yuan": 100, "workers": 1, "proofs": [slip(ledger, incident)]}),
        ("reply", {}), ("correct", {"facts": {"workers": 2, "town": "青石镇"}}), ("regrade", {"level": "orange"}),
        ("pause", {}), ("resume", {}), ("close", {"code": "C1", "confirmed": 2}), ("approve", {}), ("note", {}),
        ("look_back", {"day": 7, "recurred": True}), ("reopen", {}),
    ]  # fmt: skip
    done = 0
    for step in range(120):
        name, data = chance.choice(acts)
        change: Change = by(chance.choice(["li", "zhou"]), name, incident, at=later(minutes=step), **data)
        if chance.random() < 0.1:
            change = joined(reading(f"q{step}", author=f"a{step}", at=later(minutes=step)), at=later(minutes=step))
        try:
            ledger.record(change)
        except XinshaoError:
            continue
        done += 1
        with ledger.store.read() as c:
            row, given = incidents.many(c, [incident])[incident], incidents.assignments_of(c, incident)
            seen.append((rows.last(c)[0], plain({"incident": row, "leads": [one["state"] for one in given]})))
    assert done > 30
    with ledger.store.read() as c:
        history = incidents.history(c, incident)
        assert verify(c).whole
    for seq, expected in seen:
        state = state_at(history, seq=seq)
        assert state["incident"] == expected["incident"]
        assert [one["state"] for one in state["assignments"]] == expected["leads"]


def test_an_incident_at_a_moment(ledger: Ledger) -> None:
    incident = worked(ledger)
    with ledger.store.read() as c:
        history = incidents.history(c, incident)
    assert state_at(history, NOON)["incident"]["state"] == "assigned"
    assert state_at(history, NOON)["posts"] == ["p1"]
    assert state_at(history, later(hours=2))["incident"]["state"] == "paid"
    assert state_at(history, later(days=-1)) == {}


# ------------------------------------------------------------------ erasing
def test_erasing_reaches_every_copy_and_the_chain_still_verifies(ledger: Ledger) -> None:
    text = "孙大力说：我在那个食品厂干了两个月，他们就是不给钱，实在没有办法了，求大家帮帮忙转发"
    incident = str(ledger.record(joined(reading("p1", text))).incident)
    assert erase(ledger.store, "p1", by="zhou", reason="发帖人请求", now=later(hours=1)) == incident
    with ledger.store.read() as c:
        everything = [posts.one(c, "p1"), outbox.recent(c, 100), list(rows.rows(c)), incidents.many(c, [incident])]
        chain, history = verify(c), incidents.history(c, incident)
        stored = plain(incidents.many(c, [incident])[incident])
    for words in ("孙大力", "食品厂干了", "转发"):
        assert words not in str(everything)
    assert chain.whole
    assert state_at(history)["incident"] == stored
    assert erase(ledger.store, "nothing", by="zhou", reason="x", now=NOON) is None


def test_a_case_that_is_over_keeps_masked_words_ninety_days_on_and_its_file_three_years(ledger: Ledger) -> None:
    """What the public page promises: contact data go first, the file later, the debt's figures stay."""
    text = "甲木建工欠我们锦禾苑三期18个人工资32万，有事打13900001111找我"
    incident = str(ledger.record(joined(reading("p1", text))).incident)
    proof = {"name": "李四回单.pdf", "media_type": "application/pdf", "sha256": "0" * 64, "body": b"%PDF", "by": "li"}
    ledger.store.unit(lambda c: incidents.put_file(c, incident=incident, at=NOON, purpose="payment", **proof))
    ledger.record(by("li", "reply", incident, url="https://bbs.qinghe.example/1"))
    ledger.record(by("li", "close", incident, code="C5", case_number="（2026）青劳仲7号"))
    ledger.record(by("wu", "approve", incident))

    def kept(**after: float) -> tuple[str, bytes]:
        now = later(**after)
        with ledger.store.read() as c:
            over = retention.files_over(c, now)
        ledger.store.unit(lambda c: (retention.purge(c, now), retention.forget_proofs(c, now)))
        for post in over:
            erase(ledger.store, post, by=MACHINE, reason=retention.PURGE_REASON, now=now)
        with ledger.store.read() as c:
            found, slip = posts.one(c, "p1"), incidents.file_body(c, 1)
        assert found is not None
        assert slip is not None
        return str(found["text"]), bytes(slip["body"])

    assert kept(days=89) == (text, b"%PDF")
    words, slip = kept(days=91)
    assert "13900001111" not in words
    assert "锦禾苑" in words
    assert slip == b"%PDF"
    assert kept(days=3 * 365) == (words, b"%PDF")
    assert kept(days=3 * 365 + 2) == ("", b"")
    with ledger.store.read() as c:
        row = incidents.many(c, [incident])[incident]
        assert (row["state"], row["facts"]["workers"]) == ("closed", 18)
        assert "李四" not in str(incidents.files_of(c, incident))
        assert verify(c).whole


# ------------------------------------------------------------------ the sheet
def test_the_ledger_as_a_sheet_has_its_34_columns(ledger: Ledger) -> None:
    incident = worked(ledger)
    with ledger.store.read() as c:
        header, sheet = export_rows(c, matrix=load_matrix())
    assert len(header) == 34
    (row,) = sheet
    assert len(row) == 34
    told = dict(zip(header, row, strict=True))
    assert told["线索编号"] == incident
    assert (told["涉及人数"], told["拖欠金额（万元）"], told["已付人数"], told["已付金额（万元）"]) == (
        20,  # as verified; the posts state 23
        46.0,
        1,
        1.0,
    )
    assert told["反映人代号"] == "F-01至F-02"
    assert told["签收时间"] == "2026-01-20 13:00"
    assert "某网友" not in str(row)
    assert "恶意" not in str(_words()["causes"]), "that somebody does not pay on purpose is for an authority to find"


def test_only_what_a_department_has_is_in_its_sheet(ledger: Ledger) -> None:
    worked(ledger)
    with ledger.store.read() as c:
        assert len(export_rows(c, matrix=load_matrix(), department="housing")[1]) == 1
        assert export_rows(c, matrix=load_matrix(), department="education")[1] == []


def test_rows_are_chained_in_order_of_writing(ledger: Ledger) -> None:
    worked(ledger)
    with ledger.store.read() as c:
        chained = c.execute(select(ledger_table.c.previous, ledger_table.c.hash).order_by(ledger_table.c.seq)).all()
    assert [row[0] for row in chained] == [rows.GENESIS, *[row[1] for row in chained[:-1]]]
