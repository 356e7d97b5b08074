"""No command answers a wrong file, folder, number or database with a traceback: one sentence, and the right status."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ledgerhouse import joined, ledger_on, reading
from sqlalchemy.exc import OperationalError
from typer import rich_utils

from monitor import __main__ as xinshao
from monitor.commands import chinese, saying
from monitor.commands.failing import sentence
from monitor.store import ledger as rows
from monitor.store import open_store
from monitor.text import SHANGHAI

Run = Callable[..., tuple[int, str]]
ORIGINAL = xinshao.command


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with feeds.yaml, a database with one incident, and files that are none of what a command reads."""
    for name in [name for name in os.environ if name.startswith("XINSHAO_")]:
        monkeypatch.delenv(name)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds.yaml").write_text(
        "feeds:\n"
        "  - {name: 县论坛, kind: rss, url: 'file:gone.xml', source: x, purpose: p, legal_basis: l}\n"
        "  - {name: 工单, kind: file, url: 'file:x', source: x, purpose: p, legal_basis: l}\n",
        encoding="utf-8",
    )
    shutil.copy(Path(__file__).parents[1] / "docs" / "county.example.yaml", tmp_path / "county.yaml")
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "not-utf8").write_bytes("老板拖欠工资".encode("gb18030") * 20)
    (tmp_path / "bytes.xlsx").write_bytes(b"PK\x03\x04" + bytes(range(256)))
    (tmp_path / "lines.jsonl").write_text('[1]\n"x"\n{"id":3}\n{"id":"a","text":"x","published_at":"99"}\n')
    (tmp_path / "list.yaml").write_text("- 1\n- 2\n")
    store = open_store(f"sqlite:///{tmp_path / 'var' / 'xinshao.db'}")
    ledger_on(store).record(joined(reading(text="锦禾苑三期甲木建工欠我们23个人工资46万元")))
    store.close()
    return tmp_path


@cache
def put_together(_chinese: bool) -> Any:
    """The command line in one language: putting it together takes a tenth of a second, and a table has many rows."""
    return ORIGINAL()


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command as the shell runs it, in this process: exit status and what stderr says. A traceback raises."""
    for name in ("rich_format_error", "ABORTED_TEXT", "DEFAULT_STRING", "REQUIRED_LONG_STRING"):
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["xinshao", *words])
        monkeypatch.setattr(xinshao, "command", lambda: put_together(chinese.wanted()))
        if chinese.wanted():
            saying.speak_chinese()
        status: object = 0
        try:
            xinshao.main()
        except SystemExit as ended:
            status = ended.code or 0
        assert isinstance(status, int), status
        return status, capfd.readouterr().err

    return run


def exports(home: Path) -> list[dict[str, object]]:
    """What the ledger says was exported."""
    store = open_store(f"sqlite:///{home / 'var' / 'xinshao.db'}")
    with store.read() as c:
        found = [row["data"].get("input", {}) for row in rows.rows(c)]
    store.close()
    return [one for one in found if "export" in one]


@pytest.mark.parametrize("name", ["gone/a.csv", "feeds.yaml/a.xlsx", "folder", "folder.csv", "a.pdf"])
def test_an_export_that_cannot_be_written_is_refused_and_leaves_no_row(home: Path, run: Run, name: str) -> None:
    (home / "folder.csv").mkdir()
    status, said = run("export", name, "--reason", "月度核对")
    assert status in (1, 2)
    assert name.rpartition("/")[2] in said or "ending" in said
    assert exports(home) == []
    assert not list(home.rglob("*.part"))


def test_an_export_that_is_written_is_a_row_and_leaves_nothing_beside_it(home: Path, run: Run) -> None:
    assert run("export", "a.csv", "--reason", "月度核对")[0] == 0
    assert [one["export"] for one in exports(home)] == ["a.csv"]
    assert [each.name for each in home.glob("*a.csv*")] == ["a.csv"]


@pytest.mark.parametrize("head", ["abc", "1", "1:", ":", "-1:" + "0" * 64, "9" * 30 + ":" + "0" * 64, "1:xyz"])
def test_what_is_no_head_of_a_ledger_is_wrong_usage(run: Run, head: str) -> None:
    status, said = run("ledger", "verify", "--head", head)
    assert status == 2
    assert "NUMBER:HASH" in " ".join(said.replace("│", " ").split())


READERS = [  # commands that read a file: {} stands for it
    "classify {}", "facts {}", "cluster {}", "route {}", "forecast {}", "deadline {}", "mask {}",
    "parse {} --kind rss --url http://a.example/", "parse {} --kind file --url http://a.example/",
    "parse {} --kind mailbox --url http://a.example/", "import {}", "import {} --kind weibo", "import {} --kind none",
    "check --feeds {}", "check --county {}", "poll --feeds {}", "digest --county {}", "facts empty --county {}",
    "route empty --matrix {}", "route-test workers=3 --matrix {}", "backtest --matrix {}", "restore {} --yes",
    "roster import {}", "roster check {}", "register {}", "register x.xlsx --county {}", "bounce {}",
    "feed test x --feeds {}", "fetch http://127.0.0.1:1/ --body {}",
]  # fmt: skip
WRITERS = [
    "export {} --reason r", "backup {}", "digest --out {}", "roster export {}", "register {} --county county.yaml",
    "paper report QX-2026-0001 --out {}",
]  # fmt: skip
WORDS = [
    "digest --date abc", "digest --date 0001-01-01", "digest --date 9999-12-31", "digest --days 9999",
    "backtest --model x", "backtest --since 2026-02-31", "backtest --since 9999-12-31 --until 9999-12-31",
    "backtest --since 0001-01-01", "replay x", "erase x --reason r", "silence add --until abc --reason r",
    "silence add --until 9999-12-31 --reason r", "silence end 9 --reason r", f"silence end {'9' * 20} --reason r",
    f"roster remove {'9' * 20} --reason r", f"roster swap {'9' * 20} --to x --reason r", "roster agree 9 --reason r",
    f"roster undo {'9' * 20} --reason r", "roster swap 9 --to x --reason r --from abc", "drill begin x",
    "drill end x --reason r", "record x close --reason r --by b", "record x nothing --reason r --by b",
    "record x confirm a --reason r --by b", "ledger show X", "ledger show QX-2026-0001 --at abc", "user add x --role y",
    "user add x --role handler", "user disable x", "poll x", "feed add http://[::1", "feed test x",
    "parse feeds.yaml --kind rss --url http://[::1", "parse feeds.yaml --kind page --url http://x --fetched-at abc",
    "parse feeds.yaml --kind none --url http://x/", "route empty --now abc", "route empty --lead-policy abc",
    "route-test x", "route-test workers=abc", "route-test workers=nan", "route-test workers=1e400",
    "route-test sector=x", "facts empty --area x", "run --port 99999999", "run --port -1", "worker", "bench x",
    "model promote x",    "model promote ../x", "paper report x", "paper x y", "restore", "restore missing", "nothing",
    "check --nothing",
    "bounce", "feed", "fetch http://x/ --allow abc",
]  # fmt: skip
SETTINGS = [
    ("DATABASE_URL", "abc"), ("DATABASE_URL", "mysql://x/y"), ("DATABASE_URL", "sqlite:///{home}/folder"),
    ("DATABASE_URL", "sqlite:///{home}/not-utf8"), ("HOME", "{home}/feeds.yaml"), ("HOME", "/proc/nowhere"),
    ("ROBOTS", "x"), ("TOKENS", "[1"), ("SMTP_PORT", "abc"), ("DIGEST_HOUR", "25"), ("QUIET_HOURS", "night"),
    ("MATRIX", "{home}/gone"), ("MATRIX", "{home}/not-utf8"), ("MATRIX", "{home}/folder"), ("COUNTY", "{home}/gone"),
    ("CERTIFICATES", "{home}/gone"),
]  # fmt: skip
TRIED = ["check", "poll", "import lines.jsonl", "user list", "backup b.zip", "export e.csv --reason r", "ledger verify",
         "roster show", "erase x --reason r", "paper report x", "route-test workers=3", "feed test 县论坛"]  # fmt: skip


@pytest.mark.parametrize("command", READERS)
def test_no_command_ends_in_a_traceback_whatever_it_is_given_to_read(run: Run, command: str) -> None:
    for name in ("missing", "folder", "not-utf8", "empty", "bytes.xlsx", "lines.jsonl", "list.yaml", "feeds.yaml/x"):
        status, said = run(*command.format(name).split())
        assert status in (0, 1, 2), (name, said)
        if name == "missing" and "--out" not in command and "--body" not in command:
            assert status, "a file that is not there was read"


@pytest.mark.parametrize("command", WRITERS)
def test_no_command_ends_in_a_traceback_wherever_it_is_to_write(run: Run, command: str) -> None:
    for name in ("folder", "feeds.yaml/x.xlsx", "/proc/nowhere/x.xlsx"):
        status, said = run(*command.format(name).split())
        assert status in (0, 1, 2), (name, said)
        assert not status or said.strip()


@pytest.mark.parametrize("command", WORDS)
def test_wrong_words_are_refused_in_a_sentence(run: Run, command: str) -> None:
    status, said = run(*command.split())
    assert status in (1, 2) or command.startswith(("digest", "backtest")), said
    assert said.strip() or command == "feed" or command.startswith("erase")  # these answer on stdout


def test_a_digest_tells_of_no_day_that_is_still_to_come(home: Path, run: Run) -> None:
    """It would have taken a number (第3期) for a day of which nothing is known."""
    coming = datetime.now(SHANGHAI).date() + timedelta(days=1)
    status, said = run("digest", "--date", str(coming))
    assert status == 2
    assert f"{coming} is still to come" in said
    assert not (home / "var" / "digests").exists()
    assert run("digest", "--date", str(coming - timedelta(days=1)))[0] == 0  # today, as far as it has come


def test_a_demo_without_its_mail_server_says_what_to_install(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `pip install xinshao.whl`: the extra is not there."""
    for name in [name for name in sys.modules if name.startswith(("monitor.demo", "aiosmtpd"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiosmtpd", None)
    monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)
    status, said = run("run", "--demo")
    assert status == 2
    assert "pip install aiosmtpd" in said


def test_what_posts_say_is_for_the_account_that_runs_this(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINSHAO_HOME", str(home / "new" / "var"))
    before = os.umask(0o022)
    try:
        assert run("user", "list")[0] == 0
        assert run("backup", "b.zip")[0] == 0
    finally:
        os.umask(before)
    assert (home / "new" / "var").stat().st_mode & 0o777 == 0o700
    assert (home / "b.zip").stat().st_mode & 0o777 == 0o600


def test_an_installation_begins_with_files_of_its_own_and_overwrites_none(home: Path, run: Run) -> None:
    (home / "new").mkdir()
    (home / "new" / "feeds.yaml").write_text("mine")
    status, said = run("init", str(home / "new"))
    assert status == 0
    assert "feeds.yaml is there already" in said
    assert (home / "new" / "feeds.yaml").read_text() == "mine"
    assert {file.name for file in (home / "new").iterdir()} == {"feeds.yaml", "county.yaml", "xinshao.service"}
    assert run("init", str(home / "empty"))[0] == 1  # a file


def test_one_row_is_one_row(home: Path, run: Run) -> None:
    assert run("export", "a.csv", "--reason", "r") == (0, "1 row in a.csv\n")


@pytest.mark.parametrize(("name", "value"), SETTINGS)
def test_wrong_settings_are_named(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"XINSHAO_{name}", value.format(home=home))
    ended = {command: run(*command.split()) for command in TRIED}
    assert {status for status, _ in ended.values()} <= {0, 1, 2}
    assert any(status for status, _ in ended.values()), "nothing minded it"


@pytest.mark.parametrize("command", ["check", "poll", "doctor", "export a.csv --reason r", "ledger verify --head abc",
                                     "nothing", "restore gone", "digest --days 9999", "import missing",
                                     "digest --date 2099-01-01",
                                     "route-test a=b", "backup /proc/nowhere/a.zip", "feed test x", "run --port -1",
                                     "silence add --until abc --reason r", "paper report x", "worker",
                                     "user disable x"])  # fmt: skip
def test_a_chinese_terminal_is_told_in_chinese(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    if command in ("check", "poll", "doctor"):
        (home / "feeds.yaml").unlink()
    status, said = run(*command.split())
    assert status in (0, 1, 2)
    for line in said.splitlines():
        assert any("一" <= sign <= "鿿" for sign in line), line


def test_the_catalogue_knows_every_group_it_tells_of() -> None:
    for phrase, words in saying._catalogue():
        assert words.format(*range(phrase.groups)), phrase.pattern


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "var/a"), "var/a: No space left on device — make room"),
        (OSError(errno.EACCES, "Permission denied", "var/a"), "var/a: Permission denied — give the account"),
        (OperationalError("INSERT", {}, Exception("database or disk is full")), "(database or disk is full)"),
        (OperationalError("INSERT", {}, Exception("attempt to write a readonly database")), "readonly"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "not UTF-8"),
    ],
)
def test_what_the_machine_refuses_is_one_sentence(problem: Exception, told: str) -> None:
    assert told in (sentence(problem) or "")


def test_a_fault_of_the_code_itself_keeps_its_traceback() -> None:
    assert sentence(KeyError("x")) is None


def test_a_full_disk_in_the_middle_of_an_import_says_so_and_leaves_the_database_whole(home: Path, run: Run) -> None:
    """Faults F13 and F14, by the limit on how large a file may grow: no root, no mount."""
    lines = "".join(
        json.dumps({"id": f"{n}", "text": f"第{n}条 " + "老板拖欠我们工资" * 300}) + "\n" for n in range(3000)
    )
    (home / "many.jsonl").write_text(lines, encoding="utf-8")
    command = [sys.executable, "-m", "monitor", "import", "many.jsonl"]
    limit = 4 << 20

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        command, preexec_fn=small, env=environment, capture_output=True, encoding="utf-8", timeout=100
    )
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    with sqlite3.connect(home / "var" / "xinshao.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    assert run("ledger", "verify")[0] == 0


def test_a_table_with_headings_that_nobody_knows_is_told_which_and_what_is_wanted(home: Path, run: Run) -> None:
    rows = "某年某月汇总,,\n來文編號,诉求內容,链接\n1,老板欠薪,http://a.example/1\n"
    (home / "a.csv").write_text(rows, encoding="utf-8")
    status, said = run("import", "a.csv")
    assert status == 1
    for part in ("understood: 链接;", "not understood: 來文編號、诉求內容;", "正文、内容"):
        assert part in said


def test_columns_that_nothing_is_read_from_are_named(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "a.csv").write_text("编号,内容,承办科室\n1,今天天气很好适合出门走走,信访局\n", encoding="utf-8")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    status, said = run("import", "a.csv")
    assert (status, said.strip()) == (0, "没有读取的列：承办科室")


def test_a_promoted_model_that_cannot_be_loaded_gives_way_to_the_shipped_one(tmp_path: Path) -> None:
    """After an upgrade a model that was trained here may have other features: posts must be judged all the same."""
    from structlog.testing import capture_logs

    from classifiers.registry import active
    from monitor.pipeline.in_force import Chosen

    folder = tmp_path / "models" / "grammar-0000000000"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "models" / "active").write_text(folder.name, encoding="utf-8")
    with capture_logs() as log:
        assert Chosen(tmp_path).classifier.version == active().version
    assert len(log) == 1
