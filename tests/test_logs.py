"""The log: a traceback that helps, without the values of variables, which hold posts, passwords and the key."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from monitor import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)
    assert logging.lastResort is not None
    logging.lastResort.setFormatter(None)


def test_a_traceback_names_the_place_and_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    logs.plain()
    logs.plain()
    password = "-".join(("only", "in", "a", "variable"))  # so that no line of source holds it
    try:
        raise ValueError(f"{len(password)} characters")
    except ValueError:
        structlog.get_logger().exception("job failed", job="poll")
    data, written = capsys.readouterr()
    assert data == ""  # goes to stdout, where no line of a log may meet it
    assert "job failed" in written
    assert "test_a_traceback_names_the_place_and_no_value" in written
    assert "ValueError: 18 characters" in written
    assert password not in written
    assert "locals" not in written
    assert len(written.splitlines()) < 12


def test_what_a_library_says_has_its_time_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """And a database that is away its sentence, however deep the library found it."""
    logs.plain()
    record = logging.LogRecord("some.pool", logging.ERROR, "", 1, "listener:\n  %s\n, stopping", ("lost",), None)
    try:
        try:
            raise ValueError("server closed\n the connection")
        except ValueError as cause:
            raise type("ConnectorException", (Exception,), {})("Database error.") from cause
    except Exception as problem:
        record.exc_info = (type(problem), problem, problem.__traceback__)
    assert logging.lastResort is not None
    logging.lastResort.handle(record)
    written = capsys.readouterr().err
    assert written.endswith("[ERROR] listener: lost , stopping (server closed the connection)\n")
    assert written.count("\n") == 1
    assert written[:4].isdigit()
    record.exc_info = (KeyError, KeyError("x"), None)
    logging.lastResort.handle(record)
    assert "KeyError: 'x'" in capsys.readouterr().err


def test_what_an_error_quotes_of_a_post_forges_no_line_and_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """V16.4.1: also in a trace, and in what libraries log."""
    logs.plain()
    said = "bad title\n2026-11-26 12:00:00 [info     ] signed in user=admin \x1b[2J\x9b31m\u202e"
    library = logging.LogRecord("some.parser", logging.ERROR, "", 1, "lost %s", (said,), None)
    try:
        raise ValueError(said)
    except ValueError as problem:
        structlog.get_logger().exception("unforeseen", title=said)
        library.exc_info = (ValueError, problem, problem.__traceback__)
        assert logging.lastResort is not None
        logging.lastResort.handle(library)
    written = capsys.readouterr().err
    began = [line for line in written.split("\n") if line.startswith("2026-11-26 12:00:00")]
    assert not began
    assert len([line for line in written.splitlines() if line[:1].isdigit()]) == 2
    assert not set("\x1b\x9b\u202e") & set(written)
    assert "\\x1b[2J" in written
