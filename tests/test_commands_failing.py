"""No command answers a wrong file, folder, number or database with a traceback: one sentence, and the right status."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ledgerhouse import joined, ledger_on, reading

from monitor import __main__ as xinshao
from monitor.store import ledger as rows
from monitor.store import open_store

Run = Callable[..., tuple[int, str]]


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


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command as the shell runs it, in this process: exit status and what stderr says. A traceback raises."""

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["xinshao", *words])
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
