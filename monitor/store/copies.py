"""Backing up and restoring the embedded database. Knows files; PostgreSQL has its own tools (pg_dump, pg_restore),
after which `put_back` does the rest.

A backup is one zip: the database as one consistent file, and a manifest with its SHA-256 and the ledger's head. The
installation's secret is not in it and has to be kept apart.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from monitor.store import ahead, ledger, outbox
from monitor.store.base import Store, StoreError, address_of, open_store
from monitor.store.done import once
from monitor.store.holding import alone

NAME, MANIFEST = "xinshao.db", "manifest.json"
RESTORED = "restored:"  # in `done`, with the moment
REASON = "numbers that may have been given since the backup are passed over, so that no two cases or papers share one"


def file_of(url: str) -> Path | None:
    """The file of an embedded database; None for a server."""
    address = address_of(url)
    return Path(str(address.database)) if address.get_backend_name() == "sqlite" else None


def backup(store: Store, target: Path, now: datetime) -> dict[str, Any]:
    """Writes a backup, whole or not at all, while the service runs. StoreError: not SQLite, or no room."""
    if not store.sqlite:
        raise StoreError("this installation uses PostgreSQL: back it up with pg_dump -Fc")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder) / NAME
        try:
            _copy(str(store.engine.url.database), copy)
            manifest = _manifest(copy, now)
            part = Path(folder) / "backup.zip"
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
                packed.write(copy, NAME)
                packed.writestr(MANIFEST, json.dumps(manifest, indent=1))
            _settle(part)
            part.chmod(0o600)  # every post in its own words, every account
            part.replace(target)
        except (OSError, sqlite3.Error) as problem:
            raise StoreError(f"the backup could not be written to {target}: {problem}") from problem
    return manifest


def _copy(database: str, target: Path) -> None:
    source, copy = sqlite3.connect(database, timeout=30), sqlite3.connect(target)
    try:
        source.backup(copy, pages=2000)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        source.close()


def _manifest(copy: Path, now: datetime) -> dict[str, Any]:
    inside = open_store(f"sqlite:///{copy}")
    with inside.read() as c:
        head = ledger.last(c)
    inside.close()
    with sqlite3.connect(copy) as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
    plain.close()
    return {"created_at": now.isoformat(), "sha256": _sha256(copy), "ledger": f"{head[0]}:{head[1]}"}


def restore(source: Path, database: Path, now: datetime) -> dict[str, Any]:
    """Puts a backup in place of `database`, which is set aside beside it; what was queued waits for a person.

    Numbers of cases and papers that may have been given since are passed over (`ahead`: the next of each series).
    Everything is checked before anything is replaced. StoreError says what is wrong; then nothing was changed.
    """
    with alone(database) as unused, tempfile.TemporaryDirectory(dir=_made(database.parent)) as folder:
        if not unused:
            raise StoreError("the service is running: stop it before restoring")
        copy = Path(folder) / NAME
        manifest = _unpack(source, copy)
        store = open_store(f"sqlite:///{copy}")
        store.check()
        held = store.unit(lambda c: _hold(c, manifest, now))
        since, known = datetime.fromisoformat(manifest["created_at"]), ahead.given(database)
        numbers = store.unit(lambda c: ahead.skip(c, known, since, now))
        store.close()
        with sqlite3.connect(copy) as plain:
            plain.execute("PRAGMA journal_mode=DELETE")
        plain.close()
        _set_aside(database, now)
        _settle(copy)
        copy.replace(database)
    return {**manifest, "held": held, "ahead": numbers, "reason": REASON}


def put_back(store: Store, now: datetime, before: str | None = None) -> dict[str, Any]:
    """What `restore` does beside the files, in a database that other means put back, in one transaction.

    `before`: address of the database that was set aside, if it still answers. The age of the copy is that of the newest
    row of its ledger: a dump itself keeps no date.
    """
    store.check()
    known = ahead.given_at(before) if before else {}

    def work(c: Connection) -> dict[str, Any]:
        ledger.hold(c)
        newest = ledger.newest(c) or now
        held = _hold(c, {"created_at": newest.isoformat()}, now)
        head = ledger.last(c)
        numbers = ahead.skip(c, known, newest, now)
        return {"newest": newest.isoformat(), "ledger": f"{head[0]}:{head[1]}", "held": held, "ahead": numbers}

    return {**store.unit(work), "reason": REASON}


def _hold(c: Any, manifest: dict[str, Any], now: datetime) -> int:
    """Yesterday's queue must not go out again by itself: much of it was sent after the backup was made."""
    once(c, f"{RESTORED}{now.isoformat()}", now, manifest["created_at"])
    return outbox.hold(c, now, f"restored from a backup of {manifest['created_at']}: it may have been sent since")


def _unpack(source: Path, copy: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(source) as packed:
            manifest: dict[str, Any] = json.loads(packed.read(MANIFEST))
            with packed.open(NAME) as inside, copy.open("wb") as out:
                while block := inside.read(1 << 20):
                    out.write(block)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as problem:
        raise StoreError(f"{source} is no backup of this service: {problem}") from problem
    if _sha256(copy) != manifest.get("sha256"):
        raise StoreError(f"{source} is damaged: its database is not the one that was backed up")
    return manifest


def _set_aside(database: Path, now: datetime) -> None:
    """The present database is kept under another name; refused while a service holds it."""
    if not database.exists():
        return
    try:
        with sqlite3.connect(database, timeout=1) as present:
            present.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            present.execute("BEGIN EXCLUSIVE")
            present.rollback()
        present.close()
    except sqlite3.DatabaseError as problem:
        if "locked" in str(problem) or "busy" in str(problem):
            raise StoreError("the service is running: stop it before restoring") from problem
    aside = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%S}")
    database.replace(aside)
    for ending in ("-wal", "-shm"):
        rest = database.with_name(database.name + ending)
        if rest.exists():
            rest.replace(aside.with_name(aside.name + ending))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _settle(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
