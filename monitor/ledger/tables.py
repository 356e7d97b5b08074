"""Do the tables beside the incidents still say what the ledger says: roster, swaps, silences, proofs, lists of
funds, accounts, what people asked about their data?

Knows the rows of the acts of monitor.ledger.duty, .funds, .lists, .wishes and .accounts and their tables; changes
nothing. What was entered before these acts had rows of the ledger cannot be judged and is left alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.listed import digest
from monitor.store import funds, incidents, lists, shifts, users, wishes
from monitor.store.ledger import plain
from monitor.store.retention import purged_until

Row = Mapping[str, Any]
SWAP = ("shift", "department", "starts_at", "ends_at", "absent", "name", "mail", "phone", "reason", "asked_by")
SILENCE = ("author", "reason", "starts_at", "until", "incident", "department", "occasions")
STATES = {"agree_swap": "agreed", "refuse_swap": "refused", "undo_swap": "undone"}


@dataclass(slots=True)
class Told:
    """What the rows of the ledger say of these tables, gathered row by row."""

    shifts: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    swaps: dict[int, dict[str, Any]] = field(default_factory=dict)
    silences: dict[int, dict[str, Any]] = field(default_factory=dict)
    lists: dict[int, tuple[str, str]] = field(default_factory=dict)  # number -> last day, digest of its rows
    files: dict[int, tuple[str, str]] = field(default_factory=dict)  # number -> incident, SHA-256
    visits: dict[int, Row] = field(default_factory=dict)
    funds: dict[str, str] = field(default_factory=dict)  # list -> SHA-256 of its lines
    wishes: dict[int, dict[str, Any]] = field(default_factory=dict)  # number -> kind, outcome
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)  # name -> what it may see

    def take(self, row: Row) -> None:
        """One row of the ledger, in order; one whose data was erased says nothing."""
        given = row["data"].get("input") or {}
        if row["act"] == "file":
            self.files[given.get("file", 0)] = (row["incident"], given.get("sha256", ""))
        elif row["act"] == "silence" and given.get("do") == "begin":
            self.silences[given["number"]] = dict(given["silence"])
        elif row["act"] == "roster":
            self._roster(given)
        elif row["act"] == "account":
            self._account(given)
        elif row["act"] == "funds":
            self._funds(given)
        elif row["act"] == "wish":
            self._wish(row, given)
        elif row["act"] == "lists" and given.get("do") == "import":
            self.lists[given["number"]] = (given["last"], given["sha256"])
        elif row["act"] == "lists" and given.get("do") == "undo":
            self.lists.pop(given["number"], None)

    def _funds(self, given: Row) -> None:
        if given.get("do") == "visit":
            self.visits[given["number"]] = given
        elif given.get("do") == "load":
            self.funds[given["list"]] = given["sha256"]
        elif given.get("do") == "drop":
            self.funds.pop(given["list"], None)

    def _wish(self, row: Row, given: Row) -> None:
        known = self.wishes.setdefault(given.get("number", 0), {"outcome": None, "answered_at": None})
        if given.get("do") == "register":
            known.update(kind=given["kind"], proof=given["proof"], due_at=given["due_at"])
        elif given.get("do") == "answer":
            known.update(outcome=given["outcome"], answered_at=plain(row["at"]))

    def _account(self, given: Row) -> None:
        """An account made before there were such rows is judged by what has been entered since."""
        known = self.accounts.setdefault(given.get("name", ""), {})
        known.update({key: given[key] for key in ("role", "department", "towns") if key in given})
        if given.get("do") in ("disable", "enable"):
            known["disabled"] = given["do"] == "disable"

    def _roster(self, given: Row) -> None:
        do = given.get("do")
        if do == "enter":
            self.shifts.update(map(_shift, given["shifts"]))
        elif do == "remove":
            self.shifts.subtract(map(_shift, given["shifts"]))
            gone = {row["id"] for row in given["shifts"]}
            for swap in self.swaps.values():
                if swap["shift"] in gone and swap["state"] in ("asked", "agreed"):
                    swap["state"] = "undone"
        elif do == "ask_swap":
            self.swaps[given["number"]] = {**given["swap"], "state": "asked"}
        elif do in STATES and given["number"] in self.swaps:
            self.swaps[given["number"]]["state"] = STATES[do]


def _shift(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(key) or "" for key in shifts.SHIFT_KEYS)


def differences(c: Connection, told: Told, *, bodies: bool) -> Iterator[tuple[str | None, str]]:
    """(incident, problem) for everything that is not as the ledger tells. `bodies`: hashes every proof again."""
    stored = Counter(_shift(plain(row)) for row in shifts.every(c, "shifts"))
    for shift, count in (told.shifts - stored).items():
        if count > 0:
            yield None, f"the shift of {shift[3]} from {shift[1]} is not in the roster as it was entered"
    swaps, silences = shifts.every(c, "swaps"), shifts.every(c, "silences")
    kept = _unless_purged(told.swaps, swaps, "ends_at", purged_until(c, "swaps"))
    yield from _rows("swap", kept, swaps, (*SWAP, "state"))
    kept = _unless_purged(told.silences, silences, "until", purged_until(c, "silences"))
    yield from _rows("silence", kept, silences, SILENCE)
    seen = [{"id": number, "firm": one.firm, "found": one.found.value} for number, one in funds.visits(c).items()]
    kept = _unless_purged(told.visits, seen, "at", purged_until(c, "visits"))
    yield from _rows("visit", kept, seen, ("firm", "found"))
    until, found = purged_until(c, "wishes"), wishes.every(c)
    there = {row["id"] for row in found}
    answered = {number: one for number, one in told.wishes.items() if number in there or not _over(one, until)}
    yield from _rows("wish", answered, found, ("kind", "proof", "due_at", "outcome", "answered_at"))
    yield from _funds(c, told)
    yield from _accounts(c, told)
    yield from _lists(c, told)
    yield from _files(c, told, bodies=bodies)


def _lists(c: Connection, told: Told) -> Iterator[tuple[str | None, str]]:
    """Other offices' lists whose rows are not those that were brought, unless their period of retention was over."""
    until = purged_until(c, "lists")
    stored = lists.keys_of(c)
    for number in sorted(stored.keys() | told.lists.keys()):
        last, sha256 = told.lists.get(number, ("", ""))
        purged = until is not None and number not in stored and last < until.date().isoformat()
        if not purged and (number not in stored or digest(stored[number]) != sha256):
            yield None, f"list {number} is not as it was brought"


def _funds(c: Connection, told: Told) -> Iterator[tuple[str | None, str]]:
    """Lists of funds whose lines are not those that were loaded."""
    stored = {kind: funds.digest(loaded.lines) for kind, loaded in funds.lists(c).items()}
    for kind in sorted(stored.keys() | told.funds.keys()):
        if stored.get(kind) != told.funds.get(kind):
            yield None, f"the list of {kind} is not as it was loaded"


def _accounts(c: Connection, told: Told) -> Iterator[tuple[str | None, str]]:
    """Accounts that see more, or others, than was entered for them."""
    stored = {row["name"]: {**row, "towns": row["towns"] or []} for row in users.all_users(c)}
    for name, known in sorted(told.accounts.items()):
        if name not in stored:
            yield None, f"the account {name} is missing"
        elif wrong := [key for key, value in known.items() if stored[name][key] != value]:
            yield None, f"the account {name} differs from its history in {', '.join(wrong)}"


def _unless_purged(
    told: Mapping[int, Row], found: list[dict[str, Any]], end: str, until: datetime | None
) -> Mapping[int, Row]:
    """Without those that are gone because their period of retention was over (monitor.store.retention)."""
    if until is None:
        return told
    kept = {row["id"] for row in found}
    return {number: row for number, row in told.items() if number in kept or datetime.fromisoformat(row[end]) >= until}


def _over(told: Row, until: datetime | None) -> bool:
    """Whether an answered wish is gone because its time was over."""
    at = told["answered_at"]
    return until is not None and at is not None and datetime.fromisoformat(at) < until


def _rows(
    name: str, told: Mapping[int, Row], found: list[dict[str, Any]], keys: tuple[str, ...]
) -> Iterator[tuple[str | None, str]]:
    stored = {row["id"]: plain(row) for row in found}
    for number in sorted(stored.keys() | told.keys()):
        if number not in told:
            yield None, f"{name} {number} was never entered"
        elif number not in stored:
            yield None, f"{name} {number} is missing"
        else:
            wrong = [key for key in keys if stored[number][key] != told[number].get(key)]
            if wrong:
                yield None, f"{name} {number} differs from its history in {', '.join(wrong)}"


def _files(c: Connection, told: Told, *, bodies: bool) -> Iterator[tuple[str | None, str]]:
    stored = incidents.file_hashes(c)
    for number, (incident, sha256) in sorted(told.files.items()):
        if sha256 and stored.get(number) != sha256:
            yield incident, f"proof {number} is missing or was exchanged"
        elif sha256 and bodies:
            kept = incidents.file_body(c, number)
            if kept is None or hashlib.sha256(kept["body"]).hexdigest() != sha256:
                yield incident, f"the content of proof {number} was exchanged"
