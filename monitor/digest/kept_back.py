"""What nobody was written to about, and what nobody has looked at again: rows a person reads. Knows names and forms.

Messages that an officer's budget or a silence kept back are told one by one, each with its incident and its reason: the
digest is the only place where they appear. Silences are told with their author; look-backs (回头看) with their day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.channels.wording import words as message_words
from monitor.digest.figures import Figures
from monitor.digest.words import clock as clock_word
from monitor.digest.words import department, duration, word, words
from monitor.reasons import in_words
from monitor.routing.matrix import Matrix
from monitor.text import face

Row = dict[str, Any]
LEVELS = ("blue", "yellow", "orange", "red")  # by rank, as the outbox keeps it


def messages(figures: Figures, matrix: Matrix, base_url: str) -> list[Row]:
    """One row an incident, occasion and reason, with the departments that would have been told; highest level first."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in figures.aside:
        level = LEVELS[row["level"]]
        told = found.setdefault(
            (row["incident"], row["occasion"], row["why"]),
            {
                "id": row["incident"] or words()["none"],
                "title": row["title"] or in_words(row["reason"]),
                "level": level,
                "level_name": word("levels", level),
                "occasion": message_words()["occasions"].get(row["occasion"], row["occasion"]),
                "to": [],
                "count": 0,
                "why": in_words(row["why"]),
                "at": face(row["created_at"]),
                "link": f"{base_url}/incidents/{row['incident']}" if row["incident"] else f"{base_url}/outbox",
            },
        )
        told["count"] += 1
        name = department(matrix, row["department"])
        told["to"] += [] if name in told["to"] else [name]
    return [{**told, "to": words()["kept_back"]["to"].format(names="、".join(told["to"]), count=told["count"])}
            for told in found.values()]  # fmt: skip


def silences(figures: Figures, matrix: Matrix, base_url: str) -> list[Row]:
    """The silences in force during the period, the oldest first: who, about what, why, until when."""
    return [
        {
            "number": row["id"],
            "scope": _scope(row, matrix),
            "author": row["author"],
            "reason": row["reason"],
            "span": words()["kept_back"]["span"].format(start=face(row["starts_at"]), end=face(row["until"])),
            "state": _state(row, figures),
            "link": f"{base_url}/incidents/{row['incident']}" if row["incident"] else f"{base_url}/silences",
        }
        for row in figures.silences
    ]


def _scope(row: Mapping[str, Any], matrix: Matrix) -> str:
    """What it keeps quiet: an incident, a department, occasions; 全部 where it names none."""
    occasions = [message_words()["occasions"].get(one, one) for one in row["occasions"] or ()]
    parts = [row["incident"], department(matrix, row["department"]) if row["department"] else None, *occasions]
    return "、".join(str(part) for part in parts if part) or str(words()["kept_back"]["everything"])


def _state(row: Mapping[str, Any], figures: Figures) -> str:
    say = words()["kept_back"]
    if row["ended_at"] is not None and row["ended_at"] <= figures.now:
        return str(say["ended"]).format(by=row["ended_by"], at=face(row["ended_at"]))
    return str(say["over" if row["until"] <= figures.now else "running"])


def look_backs(figures: Figures, matrix: Matrix, base_url: str) -> list[Row]:
    """Look-backs that are due and not recorded, the longest overdue first."""
    say = words()["kept_back"]
    return [
        {
            "id": row["id"],
            "title": row["title"],
            "level": row["level"],
            "level_name": word("levels", row["level"]),
            "lead": department(matrix, row["lead"]),
            "what": clock_word(row["clock"]),
            "closed_at": face(row["closed_at"]),
            "due_at": face(row["due_at"]),
            "late": say["late"].format(span=duration(figures.now - row["due_at"])) if row["late"] else say["due"],
            "link": f"{base_url}/incidents/{row['id']}",
        }
        for row in figures.look_backs
    ]


def sheets(told: Sequence[Sequence[Row]], columns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Rows of messages, silences and look-backs as sheets of the workbook: all, where a mail lists the first."""
    messages_, silences_, look_backs_ = told
    names = words()["sheet"]
    return {
        names["aside"]: (
            columns["aside"],
            [(r["level_name"], r["id"], r["title"], r["occasion"], r["to"], r["why"], r["at"]) for r in messages_],
        ),
        names["silences"]: (
            columns["silence"],
            [(r["number"], r["scope"], r["author"], r["reason"], r["span"], r["state"]) for r in silences_],
        ),
        names["look_back"]: (
            columns["look_back"],
            [(r["level_name"], r["id"], r["title"], r["lead"], r["what"], r["closed_at"], r["due_at"], r["late"])
             for r in look_backs_],
        ),
    }  # fmt: skip
