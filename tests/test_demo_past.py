"""What the demo county had done before its day, as a visitor meets it: a referral with its receipt, a C5 that is being
enforced, and an account that sees one town."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pipelinehouse import feeds_yaml
from webhouse import Browser, TestClient

from monitor import config
from monitor.clocks import Calendar
from monitor.demo.past import bring_past
from monitor.ledger import Ledger
from monitor.ledger.chain import verify
from monitor.routing import load_matrix
from monitor.store import Store, figures, incidents, open_store, outbox, users
from monitor.store.closeout import Closeout, Letter
from monitor.web import create_app
from monitor.web.accounts import first_account

DEMO = Path(config.__file__).parent.parent / "demo"
NOW = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)  # a Thursday, half past nine in Shanghai
ARBITRATED, REFERRED = "QX-2026-0001", "QX-2026-0002"


@dataclass
class County:
    """The demo's house on its first morning."""

    store: Store
    ledger: Ledger
    passwords: dict[str, str]
    client: TestClient

    def browser(self, name: str) -> Browser:
        browser = Browser(self.client)
        assert browser.sign_in(name, self.passwords[name]).status_code == 303
        return browser


def demo(folder: Path) -> config.Config:
    """The demo's county with a database of its own."""
    (folder / "feeds.yaml").write_text(feeds_yaml([{"name": "论坛", "url": "https://bbs.qinghe.example/rss"}]), "utf-8")
    settings = config.Settings(home=folder, secret="s" * 40, _env_file=None)  # type: ignore[call-arg]
    return config.load(feeds=folder / "feeds.yaml", county=DEMO / "county.yaml", settings=settings)


@pytest.fixture
def county(tmp_path: Path) -> Iterator[County]:
    loaded = demo(tmp_path)
    settings = loaded.settings
    passwords = dict(bring_past(loaded, NOW))
    assert bring_past(loaded, NOW) == {}, "once: what a visitor did since stays"
    with closing(open_store(settings.database)) as store:
        ledger = Ledger(store, loaded.county, load_matrix(), Calendar(), settings.key())
        app = create_app(store, ledger, loaded, now=lambda: NOW, take=lambda feed, document: 0)
        yield County(
            store, ledger, passwords, TestClient(app, base_url="http://127.0.0.1:8420", follow_redirects=False)
        )


def test_the_ledger_is_whole_and_nobody_is_written_to_about_days_gone_by(county: County) -> None:
    with county.store.read() as c:
        assert verify(c).whole
        assert set(outbox.depth(c)) == {"told"}
        assert [row["id"] for row in figures.in_hand(c)] == [REFERRED]
        assert figures.overdue_ids(c, NOW) == set()
        assert [one["name"] for one in users.all_users(c)] == ["admin", "liuxi"]
    assert first_account(county.store) is None, "the administrator is there, and its password was told"


def test_the_referral_stands_with_letter_and_receipt(county: County) -> None:
    page = county.browser("admin").get(f"/incidents/{REFERRED}").text
    for words in ("岚水县治欠办", "已收到回执", "岚治欠函〔2026〕18号", "可以 C7 申请销号", "papers/referral.docx"):
        assert words in page, words
    with county.store.read() as c:
        from monitor.store.papers import number_of

        number = number_of(c, "referral", f"{REFERRED}:1")
    assert number is not None
    assert (number.year, number.number) == (2026, 1)


def test_the_c5_is_asked_after_and_its_lead_reminded(county: County) -> None:
    browser = county.browser("admin")
    assert "执行" in browser.get("/board").text
    page = browser.get(f"/incidents/{ARBITRATED}").text
    for words in ("青劳人仲案〔2026〕47号", "C5", 'id="act-enforce"'):
        assert words in page, words
    with county.store.read() as c:
        [row] = incidents.closed_without_look_back(c, NOW)
        assert (row["id"], row["clock"], row["late"]) == (ARBITRATED, "enforcement", False)
        assert figures.on_time(c, NOW - timedelta(days=90), NOW, NOW)["share"] == 1
    county.ledger.escalate_due(NOW)
    with county.store.read() as c:
        told = [one for one in outbox.of_incident(c, ARBITRATED) if one["state"] == "queued"]
    assert {one["occasion"] for one in told} == {"due_soon"}


def test_who_answers_for_a_town_sees_its_case_and_no_other(county: County) -> None:
    browser = county.browser("liuxi")
    assert browser.get(f"/incidents/{ARBITRATED}").status_code == 200
    assert browser.get(f"/incidents/{REFERRED}").status_code == 404
    listed = browser.get("/incidents?state=all").text
    assert "共 1 件" in listed
    assert "只含柳溪镇" in browser.get("/board").text
    assert browser.get("/outbox").status_code == 403


def test_what_a_case_gathers_is_declared(county: County) -> None:
    with county.store.read() as c:
        for case, known in (
            (REFERRED, {"contacts", "verifiers", "referred"}),
            (ARBITRATED, {"given", "code", "approved_by"}),
        ):
            row = incidents.one(c, case)
            assert row is not None
            assert known <= set(row["closeout"]) <= set(Closeout.__annotations__)
            assert set(row["closeout"].get("referred", {})) <= {*Letter.__annotations__}


def test_at_whatever_hour_the_demo_begins_nothing_lies_ahead(tmp_path: Path) -> None:
    for number, hour in enumerate((0, 8, 16, 23)):
        home = tmp_path / str(number)
        home.mkdir()
        now = datetime(2027, 1, 1, hour, 5, tzinfo=UTC) - timedelta(hours=8)
        loaded = demo(home)
        bring_past(loaded, now)
        with closing(open_store(loaded.settings.database)) as store, store.read() as c:
            assert [row["at"] for one in ("QX-2026-0001", "QX-2026-0002") for row in incidents.history(c, one)
                    if row["at"] > now] == []  # fmt: skip
            assert verify(c).whole
