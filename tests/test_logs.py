"""The log: a traceback that helps, without the values of variables, which hold posts, passwords and the key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from monitor import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = structlog.get_config()["processors"]
    yield
    structlog.configure(processors=before)


def test_a_traceback_names_the_place_and_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    logs.plain()
    logs.plain()
    password = "-".join(("only", "in", "a", "variable"))  # so that no line of source holds it
    try:
        raise ValueError(f"{len(password)} characters")
    except ValueError:
        structlog.get_logger().exception("job failed", job="poll")
    written = capsys.readouterr().out
    assert "job failed" in written
    assert "test_a_traceback_names_the_place_and_no_value" in written
    assert "ValueError: 18 characters" in written
    assert password not in written
    assert "locals" not in written
    assert len(written.splitlines()) < 12
