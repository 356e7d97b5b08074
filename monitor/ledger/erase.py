"""Erasing one post on its author's wish or by law, or words of it, wherever it left a trace.

Knows the ledger's rows; asks no reviewer.

The clue about the debt stays (employer, project, sums), the personal part goes (个人信息保护法 27, 47). Ledger
rows that carried the post lose their data and keep its digest, so the chain still verifies; the row of the erasure
holds the incident as it stands after it, so later states can be rebuilt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.ledger.case import Case, title_of
from monitor.model import Act, Change
from monitor.store import Store, posts, retention
from monitor.store import ledger as rows


def erase(store: Store, post: str, *, by: str, reason: str, now: datetime) -> str | None:
    """Erases a post; returns the incident it belonged to ("" for none), None when there is no such post."""

    def work(c: Connection) -> str | None:
        rows.hold(c)
        return erase_in(c, post, by=by, reason=reason, now=now)

    return store.unit(work)


def erase_in(c: Connection, post: str, *, by: str, reason: str, now: datetime) -> str | None:
    """The same within a transaction that holds the ledger."""
    known = posts.one(c, post)
    if known is None:
        return None
    words = (known["masked_title"] or known["masked_text"] or "")[:30]
    retention.erase(c, post)
    case = Case.load(c, known["incident"]) if known["incident"] else None
    if case is not None:
        _forget(c, case, post, words)
    change = Change(act=Act.NOTE, at=now, reason=reason, actor=by, incident=case.id if case else None)
    _log(c, change, case, {"erased": post})
    for other in _elsewhere(c, post, case):
        _forget(c, other, post, words)
        _log(c, replace(change, incident=other.id), other, {"erased": post})
    return case.id if case else ""


def hide_in(c: Connection, post: str, words: Sequence[str], *, by: str, reason: str, now: datetime) -> None:
    """Masks what the machine did not know for personal: these words of one post, on every page and in what was mailed.

    The post as published stays with the case; who may see it is decided by an unmasking.
    """
    known = posts.one(c, post)
    if known is None:
        return
    retention.hide(c, known, words)
    case = Case.load(c, known["incident"]) if known["incident"] else None
    change = Change(act=Act.NOTE, at=now, reason=reason, actor=by, incident=case.id if case else None)
    if case is None:
        _log(c, change, None, {"hidden": post})
    for one in (*([case] if case else ()), *_elsewhere(c, post, case)):
        retention.strip_messages(c, one.id, post, words)
        _hide(c, one, words)
        _log(c, replace(change, incident=one.id), one, {"hidden": post})


def _elsewhere(c: Connection, post: str, case: Case | None) -> list[Case]:
    """The incidents that the post was in before it was merged or split away; their messages lose it."""
    ids = [id_ for id_ in rows.incidents_with(c, post) if case is None or id_ != case.id]
    for id_ in ids:
        retention.strip_messages(c, id_, post)
    return [other for id_ in ids if (other := Case.load(c, id_)) is not None]


def _forget(c: Connection, case: Case, post: str, words: str) -> None:
    """Takes the post's words out of the incident's title and out of the ledger rows that carried it."""
    title = str(case.row["title"])
    if title.startswith(" ".join(words.split())[:30]) and words:
        case.row["title"] = title_of(case.facts, "") or case.id
    _forget_rows(c, case, title, post)


def _hide(c: Connection, case: Case, words: Sequence[str]) -> None:
    """Takes hidden words out of the incident's facts and title, and out of the ledger rows that carried them."""
    case.row["facts"] = retention.without_words(case.row["facts"], words)
    if any(word in str(case.row["title"]) for word in words):
        case.row["title"] = title_of(case.facts, "") or case.id
    for row in list(rows.rows(c, case.id)):
        told = row["data"].get("set", {}).get("incident", {})
        if any(word in f"{told.get('title')}{told.get('facts')}" for word in words):
            rows.erase_data(c, row["seq"])


def _forget_rows(c: Connection, case: Case, title: str, post: str) -> None:
    """Empties the ledger rows that carried the title, or the post."""
    for row in list(rows.rows(c, case.id)):
        carried = post in (row["data"].get("posts") or ())
        if carried or title in str(row["data"].get("set", {}).get("incident", {}).get("title", "")):
            rows.erase_data(c, row["seq"])


def _log(c: Connection, change: Change, case: Case | None, done: dict[str, str]) -> None:
    entry: dict[str, Any] = {"input": done, "posts": []}
    version = None
    if case is not None:
        case.row["version"] += 1
        case.row["updated_at"] = change.at
        case.write(c, case.difference())
        version = case.row["version"]
        entry["set"] = case.snapshot()  # all of it: earlier rows may be empty now
    row = {
        "incident": change.incident, "version": version, "act": change.act.value, "actor": change.actor,
        "at": change.at, "reason": change.reason, "data": entry,
    }  # fmt: skip
    rows.append(c, [row])
