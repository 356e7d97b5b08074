"""`xinshao user`: accounts from the command line, the password shown once, refusals in one sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from monitor.commands import users as command
from monitor.store import factors, open_store, users
from monitor.web import passwords

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("XINSHAO_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)
    return lambda *words, given=None: CliRunner().invoke(app, ["user", *words], input=given)


def account(folder: Path, name: str) -> dict[str, object]:
    store = open_store(f"sqlite:///{folder / 'xinshao.db'}")
    try:
        with store.read() as c:
            row = users.user(c, name)
    finally:
        store.close()
    assert row is not None
    return row


def test_an_account_is_made_with_a_password_shown_once(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    made = run("add", "li", "--role", "handler", "--department", "housing", "--display", "李工")
    assert made.exit_code == 0
    name, password = made.stdout.strip().split("\t")
    row = account(tmp_path, "li")
    assert (name, row["role"], row["department"]) == ("li", "handler", "housing")
    assert passwords.matches(str(row["password"]), password)
    assert password not in run("list").stdout
    assert run("add", "li", "--role", "duty").exit_code == 1


def test_a_given_password_is_read_from_stdin_as_it_is(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert run("add", "zhou", "--password-stdin", given=" 渠边的柳树又绿了一回 \n").exit_code == 0
    assert passwords.matches(str(account(tmp_path, "zhou")["password"]), " 渠边的柳树又绿了一回 ")
    assert run("reset", "zhou", "--password-stdin", given="password123\n").exit_code == 2


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("add", "x", "--role", "god"), 2, "unknown role"),
        (("add", "x", "--role", "handler"), 2, "add --department"),
        (("add", "x", "--department", "nowhere"), 2, "no department"),
        (("reset", "nobody"), 1, "no account"),
        (("disable", "nobody"), 1, "no account"),
    ],
)
def test_a_wrong_word_is_answered_in_one_sentence(run, words: tuple[str, ...], status: int, says: str) -> None:  # type: ignore[no-untyped-def]
    answer = run(*words)
    assert answer.exit_code == status
    assert says in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def test_closing_and_resetting_end_what_was_open(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("add", "zhou", "--role", "duty")
    assert run("disable", "zhou").exit_code == 0
    assert account(tmp_path, "zhou")["disabled"]
    assert "disabled" in run("list").stdout
    assert run("enable", "zhou").exit_code == 0
    before = account(tmp_path, "zhou")["password"]
    assert run("reset", "zhou").exit_code == 0
    assert account(tmp_path, "zhou")["password"] != before


def test_who_lost_the_phone_is_let_in_with_the_password_again(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("add", "zhou", "--role", "duty")
    assert "signs in with a password alone" in run("unpair", "zhou").stderr
    store = open_store(f"sqlite:///{tmp_path / 'xinshao.db'}")
    store.unit(lambda c: factors.begin(c, "zhou", "sealed") and factors.confirm(c, "zhou", 7, {}, NOON))
    store.close()
    assert "two steps" in run("list").stdout
    assert run("unpair", "zhou").exit_code == 0
    assert "two steps" not in run("list").stdout
    assert run("unpair", "nobody").exit_code == 1
