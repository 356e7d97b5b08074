"""What left this machine, in files beside the database: `sent/2026-11.jsonl` in the installation's folder.

A database that is put back from an older backup has forgotten what was sent since. This journal has not: it is written
when a message was handed over, before the row says so, and is never part of a backup. It knows hashes, levels and
moments; no name, no address and no word of a message.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.text import aware

Row = Mapping[str, Any]
log = logging.getLogger(__name__)

KEPT = timedelta(days=90)  # as long as the contents of messages (store.retention)
MOST_POSTS = 200  # of an incident that a line names; a larger one is told again rather than named in part
ABOUT_POSTS = {"first", "joined", "raised", "reopened"}  # occasions whose news is the posts they tell of
MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that was handed over. `to`: a hash of channel and recipient; `posts`: ids of what it told of."""

    message_id: str
    at: datetime
    to: str
    level: int
    incident: str = ""
    posts: tuple[str, ...] = ()


@dataclass(slots=True)
class Journal:
    """The files of one installation. `forgotten`: what the database does not know any more (see `recall`)."""

    folder: Path
    forgotten: dict[str, Sent] = field(default_factory=dict)
    recalled: bool = False
    _at: dict[str, datetime] = field(default_factory=dict)  # Message-ID -> when it was handed over
    _told: dict[str, dict[str, tuple[int, datetime]]] = field(default_factory=dict)
    _broken: bool = False

    def note(self, row: Row, now: datetime) -> None:
        """Writes that a row was handed over. Never raises: the message has left, whatever the disk says."""
        line = json.dumps(_line(row, now), ensure_ascii=False, separators=(",", ":")) + "\n"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            file = os.open(self.folder / f"{aware(now):%Y-%m}.jsonl", flags, 0o600)
            try:
                os.write(file, line.encode())  # one write, appended: several processes may share the file
                os.fsync(file)
            finally:
                os.close(file)
            self._at[row["message_id"]] = aware(now)
        except OSError as problem:
            if not self._broken:
                log.warning("the journal of sent messages cannot be written: %s", problem)
            self._broken = True

    def entries(self, now: datetime) -> list[Sent]:
        """What was sent within `KEPT`, oldest first; files that are older are removed, broken lines passed over."""
        found: dict[str, Sent] = {}
        for path in sorted(self.folder.glob("*.jsonl")) if self.folder.is_dir() else ():
            if path.stem < f"{aware(now) - KEPT - MONTH:%Y-%m}":
                path.unlink(missing_ok=True)
                continue
            for one in _read(path):
                if one.at > aware(now) - KEPT:
                    found[one.message_id] = one
        return list(found.values())

    def recall(self, entries: Collection[Sent], queued_at: Mapping[str, datetime]) -> int:
        """Compares what was sent with what the database knows (Message-ID -> when it was queued).

        Forgotten is what it does not know, or queued only after it was sent. Returns how many messages that is.
        """
        unknown = [one for one in entries if one.message_id not in queued_at or queued_at[one.message_id] > one.at]
        self.recalled, self._told = True, {}
        self._at = {one.message_id: one.at for one in entries}
        self.forgotten = {one.message_id: one for one in unknown}
        for one in unknown:
            told = self._told.setdefault(one.to, {})
            for post in one.posts:
                level, at = told.get(post, (-1, one.at))
                told[post] = (max(level, one.level), max(at, one.at))
        return len(unknown)

    def handed_over(self, row: Row) -> datetime | None:
        """When this very message left since it was due, though its row does not say so; None: it did not.

        The process was killed between the two, or the row came back queued from an older copy of the database. What a
        person has released again is due since then.
        """
        at = self._at.get(row["message_id"])
        return at if at is not None and row["sent_at"] is None and at >= row["due_at"] else None

    def told_before(self, row: Row) -> datetime | None:
        """When a recipient was told what a row says by a message that the database has forgotten; None: not so.

        The same message, or one about every post that this one is about, at this level or a higher one.
        """
        if not self.forgotten or row["sent_at"] is not None:
            return None
        same = self.forgotten.get(row["message_id"])
        if same is not None:
            return same.at
        posts, told = _posts(row), self._told.get(_to(row), {})
        if not posts or any(told.get(post, (-1,))[0] < row["level"] for post in posts):
            return None
        return max(told[post][1] for post in posts)


def _line(row: Row, now: datetime) -> dict[str, Any]:
    return {
        "id": row["message_id"], "at": aware(now).isoformat(), "to": _to(row), "level": row["level"],
        "incident": row.get("incident") or "", "posts": _posts(row),
    }  # fmt: skip


def _to(row: Row) -> str:
    return hashlib.sha256(f"{row['channel']}\x00{row['recipient']}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _posts(row: Row) -> list[str]:
    posts = row["data"].get("posts_told") or []
    return list(posts) if row["occasion"] in ABOUT_POSTS and len(posts) <= MOST_POSTS else []


def _read(path: Path) -> Iterator[Sent]:
    with path.open("rb") as lines:
        for line in lines:
            try:
                one = json.loads(line)
                yield Sent(
                    str(one["id"]), aware(datetime.fromisoformat(one["at"])), str(one["to"]), int(one["level"]),
                    str(one["incident"]), tuple(map(str, one["posts"])),
                )  # fmt: skip
            except (ValueError, KeyError, TypeError):
                continue  # the power went while it was written
