"""`roster` and `silence` as an operator calls them: each act leaves a row of the ledger, each refusal its sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from click.testing import Result
from ledgerhouse import joined, ledger_on, matrix, reading
from typer.testing import CliRunner

from monitor.commands import drills, funds, ledgering, recording, roster, silences, users
from monitor.digest.sheet import workbook
from monitor.errors import ForbiddenChange
from monitor.model import Contact
from monitor.pipeline import clock
from monitor.routing.roster import Shift
from monitor.routing.roster_sheet import read_sheet, write_sheet
from monitor.store import ledger as rows
from monitor.store import open_store

Run = Callable[..., Result]
NOW = datetime.now(UTC).replace(second=0, microsecond=0)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    shift = Shift(
        department="qx_office", starts_at=NOW + timedelta(hours=2), ends_at=NOW + timedelta(hours=26),
        contact=Contact("周静", "zhou@qinghe.example", "0000-1"),
    )  # fmt: skip
    (tmp_path / "值班表.xlsx").write_bytes(write_sheet([shift], matrix()))
    return tmp_path


@pytest.fixture
def run(home: Path) -> Run:
    app = typer.Typer()
    for part in (roster, silences, drills, ledgering, recording, users, funds):
        part.register(app)
    return lambda *words: CliRunner().invoke(app, list(words))


def acts(home: Path) -> list[tuple[str, str]]:
    store = open_store(f"sqlite:///{home / 'xinshao.db'}")
    with store.read() as c:
        found = [(row["data"]["input"]["do"], row["actor"]) for row in rows.rows(c) if row["act"] != "open"]
    store.close()
    return found


def test_a_swap_is_asked_agreed_by_another_and_written_down(home: Path, run: Run) -> None:
    assert run("roster", "import", str(home / "值班表.xlsx"), "--by", "zhou").exit_code == 0
    asked = run("roster", "swap", "1", "--to", "吴越", "--phone", "0000-2", "--reason", "家中有事", "--by", "zhou")
    assert "swap 1 asked" in asked.stdout
    alone = run("roster", "agree", "1", "--reason", "同意", "--by", "zhou")
    assert isinstance(alone.exception, ForbiddenChange)
    assert "双方同意" in str(alone.exception)
    assert "agreed" in run("roster", "agree", "1", "--reason", "本人同意", "--by", "wu").stdout
    listed = run("roster", "show").stdout
    assert "周静 -> 吴越" in listed
    assert "agreed" in listed
    assert "undone" in run("roster", "undo", "1", "--reason", "不用换了", "--by", "wu").stdout
    assert run("roster", "remove", "1", "--reason", "改排", "--by", "zhou").exit_code == 0
    assert run("roster", "remove", "1", "--reason", "改排", "--by", "zhou").exit_code == 1
    assert acts(home) == [
        ("enter", "zhou"), ("ask_swap", "zhou"), ("agree_swap", "wu"), ("undo_swap", "wu"), ("remove", "zhou"),
    ]  # fmt: skip
    assert json.loads(run("ledger", "verify").stdout)["whole"]


def test_the_sheet_that_is_written_is_the_one_that_was_read(home: Path, run: Run) -> None:
    run("roster", "import", str(home / "值班表.xlsx"))
    assert run("roster", "export", str(home / "out.xlsx")).exit_code == 0
    out, given = ((home / name).read_bytes() for name in ("out.xlsx", "值班表.xlsx"))
    assert read_sheet(out, matrix()) == read_sheet(given, matrix())


def test_a_refused_swap_stays_refused(home: Path, run: Run) -> None:
    run("roster", "import", str(home / "值班表.xlsx"))
    run("roster", "swap", "1", "--to", "吴越", "--mail", "wu@qinghe.example", "--reason", "家中有事", "--by", "zhou")
    assert "refused" in run("roster", "refuse", "1", "--reason", "另有任务", "--by", "wu").stdout
    assert isinstance(run("roster", "agree", "1", "--reason", "同意", "--by", "wu").exception, ForbiddenChange)


def test_a_silence_is_entered_listed_and_ended(home: Path, run: Run) -> None:
    store = open_store(f"sqlite:///{home / 'xinshao.db'}")
    ledger_on(store).record(joined(reading()))
    store.close()
    until = (NOW + timedelta(hours=6)).isoformat()
    scope = ("--incident", "QX-2026-0001", "--occasion", "due_soon")
    added = run("silence", "add", *scope, "--until", until, "--reason", "专班已在现场", "--by", "zhou")
    assert "silence 1 until" in added.stdout
    listed = run("silence", "show").stdout
    assert "QX-2026-0001 due_soon\tzhou" in listed
    assert "专班已在现场" in listed
    assert "ended" in run("silence", "end", "1", "--reason", "处置完毕", "--by", "wu").stdout
    assert "0 silences in force" in run("silence", "show").stdout
    assert acts(home)[-2:] == [("begin", "zhou"), ("end", "wu")]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("silence", "add", "--until", "tomorrow", "--reason", "专班已在现场", "--department", "housing"), 2),
        (("silence", "add", "--reason", "专班已在现场"), 2),
        (("roster", "swap", "1", "--to", "吴越", "--from", "noon", "--reason", "x"), 2),
        (("roster", "swap", "1", "--to", "吴越"), 2),
    ],
)
def test_wrong_usage_ends_in_2(run: Run, words: tuple[str, ...], status: int) -> None:
    assert run(*words).exit_code == status


def test_a_drill_is_begun_and_ended_with_what_it_taught(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelinehouse import COUNTY, feeds_yaml

    (home / "feeds.yaml").write_text(feeds_yaml([{"name": "热线", "url": "https://x.example/rss"}]), "utf-8")
    (home / "county.yaml").write_text(COUNTY.read_text("utf-8"), "utf-8")
    begun = json.loads(run("drill", "begin", "crane", "--town", "柳溪镇", "--by", "zhou").stdout)
    assert begun["title"].startswith("【演练】")
    assert begun["messages"] > 0
    ended = json.loads(run("drill", "end", begun["incident"], "--reason", "接通慢，改用手机", "--by", "zhou").stdout)
    assert ended["measured"]["steps"] == len(ended["measured"]["left_out"])
    listed = run("drill", "show").stdout
    assert "crane\tred" in listed
    assert "接通慢" in listed
    assert isinstance(run("drill", "begin", "earthquake").exception, ForbiddenChange)


# ------------------------------------------------------------------ one clock
@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> Iterator[timedelta]:
    """A database whose clock is seven minutes ahead of this machine's, as the service and every worker have it."""
    off = timedelta(minutes=7)
    monkeypatch.setattr(clock, "difference", lambda store: off)
    yield off
    clock.CLOCK.off = timedelta()


def test_acts_given_at_the_machine_go_by_the_clock_of_the_database(home: Path, run: Run, ahead: timedelta) -> None:
    """By the machine's own an act stood in the log before the one it followed, and a silence ended minutes too late."""
    from pipelinehouse import COUNTY, feeds_yaml

    (home / "feeds.yaml").write_text(feeds_yaml([{"name": "热线", "url": "https://x.example/rss"}]), "utf-8")
    (home / "county.yaml").write_text(COUNTY.read_text("utf-8"), "utf-8")
    sheet = workbook({"名册": (("项目名称", "保证金金额", "保证金形式"), [("锦禾苑三期", "80万元", "现金")])})
    (home / "保证金.xlsx").write_bytes(sheet)
    began, until = datetime.now(UTC) + ahead, (NOW + timedelta(hours=6)).isoformat()
    begun = json.loads(run("drill", "begin", "crane", "--town", "柳溪镇", "--by", "zhou").stdout)["incident"]
    for words in (
        ("roster", "import", str(home / "值班表.xlsx"), "--by", "zhou"),
        ("roster", "swap", "1", "--to", "吴越", "--phone", "0000-2", "--reason", "家中有事", "--by", "zhou"),
        ("roster", "agree", "1", "--reason", "本人同意", "--by", "wu"),
        ("roster", "remove", "1", "--reason", "改排", "--by", "zhou"),
        ("silence", "add", "--department", "housing", "--until", until, "--reason", "专班已在现场", "--by", "zhou"),
        ("silence", "end", "1", "--reason", "处置完毕", "--by", "wu"),
        ("record", begun, "note", "--reason", "已到场", "--by", "zhou"),
        ("drill", "end", begun, "--reason", "接通慢，改用手机", "--by", "zhou"),
        ("user", "add", "jia", "--role", "duty"),
        ("user", "disable", "jia"),
        ("funds", "load", "deposits", str(home / "保证金.xlsx"), "--as-of", f"{NOW:%Y-%m-%d}", "--by", "zhou"),
        ("funds", "drop", "deposits", "--reason", "名册有误", "--by", "zhou"),
    ):
        done = run(*words)
        assert done.exit_code == 0, (words, done.output, done.exception)
    ended = datetime.now(UTC) + ahead
    store = open_store(f"sqlite:///{home / 'xinshao.db'}")
    with store.read() as c:
        found = [(row["act"], row["at"]) for row in rows.rows(c)]
    store.close()
    assert {"drill", "roster", "silence", "note", "account", "funds"} <= {act for act, _ in found}
    assert [act for act, at in found if not began <= at <= ended] == []


def test_no_command_of_acts_asks_the_machine_for_the_time() -> None:
    """`doctor` does: it compares the two."""
    folder = Path(roster.__file__).parent
    acting = ("users", "roster", "silences", "drills", "recording", "lists", "ledgering", "papers")
    texts = {name: (folder / f"{name}.py").read_text("utf-8") for name in acting}
    assert [name for name, text in texts.items() if "datetime.now(" in text] == []
    assert [name for name, text in texts.items() if "clock_now()" not in text] == []
