"""`check` and `doctor` as an operator meets them: the exit status, and every fault with its path."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import typer
from mailserver import MailServer
from pipelinehouse import COUNTY, feeds_yaml

import monitor.__main__ as command_line
from monitor.model import Level, Notification, Occasion
from monitor.store import open_store
from monitor.store.outbox import set_aside

GOOD = [{"name": "论坛", "url": "https://bbs.qinghe.example/rss"}]
Call = Callable[..., "Said"]


class Said(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def xinshao(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The whole command line in a folder of its own; keywords are XINSHAO_ variables."""
    monkeypatch.chdir(tmp_path)
    for name in ("COUNTY", "DATABASE_URL", "DUTY_MAIL", "SMTP_HOST", "SMTP_USER", "SMTP_PASSWORD", "SMTP_TLS"):
        monkeypatch.delenv(f"XINSHAO_{name}", raising=False)
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path / "var"))
    (tmp_path / "feeds.yaml").write_text(feeds_yaml(GOOD), encoding="utf-8")
    shutil.copy(COUNTY, tmp_path / "county.yaml")

    def call(*words: str, **variables: str) -> Said:
        for name, value in variables.items():
            monkeypatch.setenv(f"XINSHAO_{name}", value)
        monkeypatch.setattr("sys.argv", ["xinshao", *words])
        monkeypatch.setattr(command_line, "app", typer.Typer())
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, out, err)

    return call


# ------------------------------------------------------------------ check
def test_good_files_pass_and_advice_goes_to_stderr(xinshao: Call) -> None:
    said = xinshao("check")
    assert (said.status, said.out) == (0, "1 feeds (1 enabled), county 青禾县: no fault\n")
    assert all(line.startswith("note: ") for line in said.err.splitlines())
    assert "county.yaml: code: is still that of the example" in said.err
    assert "matrix.yaml" not in said.err  # the packaged one is not the operator's to mend


def test_a_variable_that_nothing_reads_is_remarked_with_the_one_it_may_mean(xinshao: Call, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("XINSHAO_SMTP_HOSTT=mail.qinghe.example\n# XINSHAO_X=1\nOTHER=1\n", encoding="utf-8")
    said = xinshao("check", DIGESTHOUR="7")
    assert said.status == 0
    assert ".env: XINSHAO_SMTP_HOSTT: nothing reads this variable — did you mean XINSHAO_SMTP_HOST?" in said.err
    assert "XINSHAO_DIGESTHOUR: nothing reads this variable — did you mean XINSHAO_DIGEST_HOUR?" in said.err
    assert "OTHER" not in said.err
    assert "XINSHAO_X" not in said.err


def test_filters_and_models_take_their_folder_from_the_env_file_too(xinshao: Call, tmp_path: Path) -> None:
    """A model promoted into another folder than the service's would never be used."""
    from monitor.commands.reading import home

    os.environ.pop("XINSHAO_HOME")
    (tmp_path / ".env").write_text(f"XINSHAO_HOME={tmp_path / 'elsewhere'}\n", encoding="utf-8")
    assert home() == tmp_path / "elsewhere"


def test_a_place_without_a_county_file_is_told_so_and_may_still_run(xinshao: Call, tmp_path: Path) -> None:
    (tmp_path / "county.yaml").unlink()
    said = xinshao("check", DUTY_MAIL="duty@qinghe.example")
    assert said.status == 0
    assert "note: county.yaml: not found" in said.err


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({"SMTP_USER": "office"}, "XINSHAO_SMTP_PASSWORD:"),
        ({"SMTP_USER": "office", "SMTP_PASSWORD": "secret-word", "SMTP_TLS": "none"}, "XINSHAO_SMTP_TLS:"),
        ({"SMTP_TLS": "sometimes"}, "XINSHAO_SMTP_TLS:"),
        ({"POLL_SECONDS": "0"}, "XINSHAO_POLL_SECONDS:"),
        ({"DATABASE_URL": "somewhere"}, "XINSHAO_DATABASE_URL:"),
    ],
)
def test_a_wrong_setting_is_named_by_its_variable(xinshao: Call, variables: dict[str, str], path: str) -> None:
    said = xinshao("check", **variables)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(path)
    assert len(said.err.splitlines()) == 1
    assert "secret-word" not in said.err


def test_the_faults_of_all_files_come_at_once(xinshao: Call, tmp_path: Path) -> None:
    entries = [
        *GOOD,
        {"name": "远", "kind": "telepathy", "url": "https://site.example/"},
        {"name": "口", "url": "ftp://x"},
    ]
    (tmp_path / "feeds.yaml").write_text(feeds_yaml(entries), encoding="utf-8")
    county = (
        COUNTY.read_text(encoding="utf-8")
        .replace("  hrss:", "  hrs:")
        .replace("owner_department: agri", "owner_department: farm")
    )
    county = county.replace("sector: manufacturing", "sector: weaving").replace(
        ", mail: duty@housing.example.invalid", ""
    )
    (tmp_path / "county.yaml").write_text(county, encoding="utf-8")
    said = xinshao("check", SMTP_TLS="sometimes")
    assert said.status == 2
    for path in (
        "XINSHAO_SMTP_TLS: ",
        "feeds.yaml: feeds[1] (远).kind: ",
        "feeds.yaml: feeds[2] (口).url: ",
        "county.yaml: contacts.hrs: ",
        "county.yaml: contacts.housing[0] (住建局值班): ",
        "county.yaml: register[1] (石鼓岭高标准农田).owner_department: ",
        "county.yaml: register[3] (己光电子厂).sector: ",
    ):
        assert any(line.startswith(path) for line in said.err.splitlines()), (path, said.err)
    assert len(said.err.splitlines()) == 7


def test_nobody_to_reach_is_a_fault(xinshao: Call, tmp_path: Path) -> None:
    (tmp_path / "county.yaml").write_text('{code: "990101", name: 青禾县}', encoding="utf-8")
    said = xinshao("check")
    assert said.status == 2
    assert said.err.startswith("county.yaml: contacts: nobody can be reached by mail — ")


@pytest.mark.parametrize("name", ["feeds", "county"])
def test_a_file_that_is_not_there_or_not_text_is_named(xinshao: Call, tmp_path: Path, name: str) -> None:
    said = xinshao("check", f"--{name}", "elsewhere.yaml")
    assert said.status == 2
    assert said.err.startswith("elsewhere.yaml: cannot be read")
    (tmp_path / f"{name}.yaml").write_bytes(b"\xff\xfe\x00")
    said = xinshao("check")
    assert said.status == 2
    assert said.err.startswith(f"{name}.yaml: ")


# ------------------------------------------------------------------ doctor
@contextmanager
def mail_server() -> Iterator[int]:
    """A mail server on loopback that knows no TLS and accepts no password; its port."""

    async def serve() -> None:
        talk = MailServer(login=True)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(UnicodeDecodeError):  # TLS, where words were expected
                await talk.handle(reader, writer)

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        async with server:
            await asyncio.to_thread(over.wait)

    port: list[int] = []
    ready, over = threading.Event(), threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield port[0]
    finally:
        over.set()
        thread.join()


def findings(said: Said) -> list[str]:
    return [line for line in said.out.splitlines() if line.startswith(("ok ", "BAD "))]


@pytest.fixture
def watched(tmp_path: Path) -> None:
    """A database that is there, before the first poll."""
    (tmp_path / "var").mkdir()
    open_store(f"sqlite:///{tmp_path / 'var' / 'xinshao.db'}").close()


@pytest.mark.usefixtures("watched")
def test_a_sound_installation_has_no_bad_finding(xinshao: Call) -> None:
    said = xinshao("doctor")
    assert said.status == 0, said.out
    assert not said.err
    assert len(findings(said)) >= 7
    for word in ("Python", "clock", "writable", "database", "model", "mail", "charts", "feed"):
        assert word in said.out


def test_a_damaged_database_and_a_silent_mail_server_are_found_together(xinshao: Call, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "xinshao.db").write_bytes(b"no database at all" * 400)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        said = xinshao("doctor", SMTP_HOST="127.0.0.1", SMTP_PORT=str(taken.getsockname()[1]))
    assert said.status == 1
    bad = [line for line in findings(said) if line.startswith("BAD")]
    assert any("database" in line for line in bad)
    assert any("mail server 127.0.0.1" in line for line in bad)
    assert f"{len(bad)} findings need a hand" in said.err


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize(
    ("settings", "good", "word"),
    [
        ({"SMTP_TLS": "none"}, True, "answers"),
        ({"SMTP_TLS": "none", "SMTP_USER": "u", "SMTP_PASSWORD": "wrong"}, False, "refuses the login"),
        ({"SMTP_TLS": "starttls"}, False, "STARTTLS"),
        ({"SMTP_TLS": "tls"}, False, "SSL"),
    ],
)
def test_the_mail_server_is_asked_all_that_a_mail_would_need(
    xinshao: Call, settings: dict[str, str], good: bool, word: str
) -> None:
    """A server that only greets is not enough: no TLS or a wrong password, and no mail ever leaves."""
    with mail_server() as port:
        said = xinshao("doctor", SMTP_HOST="127.0.0.1", SMTP_PORT=str(port), **settings)
    (line,) = [line for line in findings(said) if "mail server" in line]
    assert line.startswith("ok" if good else "BAD")
    assert word in line
    assert ("XINSHAO_SMTP_HOST, _PORT, _TLS" in said.out) is not good


@pytest.mark.usefixtures("watched")
def test_a_test_mail_shows_whether_a_warning_would_arrive(xinshao: Call, tmp_path: Path) -> None:
    said = xinshao("doctor", "--mail", "it@qinghe.example")
    assert said.status == 0, said.out
    assert "a test mail to it@qinghe.example" in said.out
    (mail,) = (tmp_path / "var" / "mail").glob("*.eml")
    assert b"To: it@qinghe.example" in mail.read_bytes()
    refused = xinshao("doctor", "--mail", "nobody")
    assert (refused.status, "is no mail address" in refused.out) == (1, True)
    with mail_server() as port:
        sent = xinshao("doctor", "--mail", "perm@qinghe.example", SMTP_HOST="127.0.0.1", SMTP_PORT=str(port),
                       SMTP_TLS="none", BOUNCE_ADDRESS="bounce@qinghe.example")  # fmt: skip
    assert (sent.status, "550 5.1.1 no such user" in sent.out) == (1, True)


@pytest.mark.usefixtures("watched")
def test_what_a_silence_kept_back_is_told_with_where_its_reasons_stand(
    xinshao: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "kept back" not in xinshao("doctor").out
    store = open_store(f"sqlite:///{tmp_path / 'var' / 'xinshao.db'}")
    call = Notification(
        key="QX-1:phone", occasion=Occasion.FIRST, channel="phone", recipient="住建局", reason="线索",
        level=Level.YELLOW,
    )  # fmt: skip
    store.unit(lambda c: set_aside(c, [(call, "静默1号（zhou）")], datetime.now(UTC)))
    store.close()
    [line] = [line for line in findings(xinshao("doctor")) if "kept back" in line]
    assert line.startswith("ok")
    assert "1 warnings of the last day were kept back by a silence or the budget" in line
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "近一天有 1 条提醒因静默或每日上限没有单独发出" in xinshao("doctor").out


def test_a_database_address_nobody_can_read_is_a_finding_and_not_a_crash(xinshao: Call) -> None:
    said = xinshao("doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2")
    assert said.status == 1
    assert any(line.startswith("BAD") and "database" in line for line in findings(said))


def test_faults_of_the_files_come_before_any_examination(xinshao: Call, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("feeds: []", encoding="utf-8")
    said = xinshao("doctor")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("feeds.yaml: feeds:")


@pytest.mark.usefixtures("watched")
def test_a_feed_that_failed_for_days_is_a_finding(xinshao: Call, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "var" / "xinshao.db") as c:
        c.execute(
            "insert into feeds (name, due_at, failures, outcome, reason, last_try_at, last_success_at) values "
            "('论坛', '2026-01-02 00:00:00', 40, 'failed', 'gone: 404', '2026-01-02 00:00:00', '2026-01-01 00:00:00')"
        )
    said = xinshao("doctor")
    assert said.status == 1
    assert any(line.startswith("BAD") and "论坛" in line for line in findings(said))
    assert "xinshao feed test 论坛" in said.out
