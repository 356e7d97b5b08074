"""Roster, swaps, silences, proofs and hand-over notes as acts of the ledger: the row of the table and the row of the
hash chain are written in one transaction, so neither is ever without the other.

Knows the rules of these acts; monitor.routing.duty says who is reached, monitor.routing.policy what is silenced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.ledger import Ledger
from monitor.ledger.rules import LEAST_REASON
from monitor.ledger.standing import catalogue, forbid
from monitor.model import MACHINE, Act, Change, Contact, Level, Occasion
from monitor.routing.roster import on_duty, shift_from, swap_from
from monitor.store import incidents, shifts, users
from monitor.text import aware, face

Row = dict[str, Any]
SILENCE_MOST = timedelta(days=7)  # whoever needs longer says so again, with a reason


def _record(
    act: Act, by: str, at: datetime, reason: str, data: Mapping[str, Any], incident: str | None = None
) -> list[Change]:
    return [Change(act=act, at=at, reason=reason, actor=by, incident=incident, data=data)]


# ------------------------------------------------------------------ shifts
def enter_shifts(ledger: Ledger, rows: Sequence[Mapping[str, Any]], *, by: str, at: datetime, reason: str) -> int:
    """Enters shifts (department, starts_at, ends_at, name, mail, phone, note); returns how many."""
    told = [{key: _stored(row.get(key)) for key in shifts.SHIFT_KEYS} for row in rows]

    def work(c: Connection) -> tuple[int, list[Change]]:
        shifts.add(c, told)
        return len(told), _record(Act.ROSTER, by, at, reason, {"do": "enter", "shifts": told})

    return ledger.record_with(work) if told else 0


def _stored(value: Any) -> Any:
    """Moments as the store gives them back, so that the ledger's row and the table's can be compared."""
    return aware(value) if isinstance(value, datetime) else value


def remove_shifts(ledger: Ledger, ids: Sequence[int], *, by: str, at: datetime, reason: str) -> int:
    """Takes shifts out, and what was swapped of them with it; returns how many there were."""

    def work(c: Connection) -> tuple[int, list[Change]]:
        gone = [row for number in ids if (row := shifts.one(c, number))]
        for row in gone:
            for swap in shifts.swaps_of(c, row["id"]):
                shifts.end_swap(c, swap["id"], swap["state"], "undone", by, at)
        shifts.remove(c, [row["id"] for row in gone])
        data = {"do": "remove", "shifts": gone}
        return len(gone), _record(Act.ROSTER, by, at, reason, data) if gone else []

    return ledger.record_with(work)


# ------------------------------------------------------------------ swaps
def ask_swap(
    ledger: Ledger,
    shift: int,
    taker: Contact,
    *,
    by: str,
    at: datetime,
    reason: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> int:
    """换班: `by` asks, for who is on duty in `shift`, that `taker` stands in; whole shift unless hours are named.

    Nothing changes before the other side agrees. Returns the swap's number; ForbiddenChange says which rule is against.
    """

    def work(c: Connection) -> tuple[int, list[Change]]:
        row = shifts.one(c, shift)
        if row is None:
            raise forbid("swap_shift")
        begins, ends = starts_at or max(row["starts_at"], at), ends_at or row["ends_at"]
        values = _swap(c, row, taker, begins, ends, at)
        values |= {"reason": reason, "asked_by": by, "asked_at": at}
        number = shifts.ask_swap(c, values)
        return number, _record(Act.ROSTER, by, at, reason, {"do": "ask_swap", "number": number, "swap": values})

    return ledger.record_with(work)


def _swap(c: Connection, row: Row, taker: Contact, begins: datetime, ends: datetime, at: datetime) -> Row:
    """The swap as it will be stored, once no rule is against it."""
    if not (row["starts_at"] <= aware(begins) < aware(ends) <= row["ends_at"] and aware(ends) > at):
        raise forbid("swap_hours")
    agreed = [swap_from(one) for one in shifts.swaps_at(c, begins)]
    holder = on_duty([shift_from(row)], agreed, row["department"], begins)[0].contact
    if holder.name == taker.name:
        raise forbid("swap_self")
    for other in shifts.swaps_of(c, row["id"]):
        same = other["state"] == "asked" or other["absent"] == holder.name
        if same and other["starts_at"] < aware(ends) and other["ends_at"] > aware(begins):
            raise forbid("swap_double", number=other["id"])
    if not taker.mail and not taker.phone:
        raise forbid("swap_reach")
    return {
        "shift": row["id"],
        "department": row["department"],
        "starts_at": aware(begins),
        "ends_at": aware(ends),
        "absent": holder.name,
        "name": taker.name,
        "mail": taker.mail,
        "phone": taker.phone,
    }


def agree_swap(ledger: Ledger, number: int, *, by: str, at: datetime, reason: str) -> None:
    """The taker's side agrees: who is on duty follows at once. Never the account that asked."""

    def work(c: Connection) -> tuple[None, list[Change]]:
        row = _asked(c, number)
        if by == row["asked_by"]:
            raise forbid("swap_both", by=row["asked_by"])
        own = users.named(c, row["name"])
        if own and by not in own:
            raise forbid("swap_not_yours", name=row["name"])
        if row["ends_at"] <= at:
            raise forbid("swap_over")
        if not shifts.agree_swap(c, number, by, at):
            raise forbid("swap_settled", state=row["state"])
        return None, _record(Act.ROSTER, by, at, reason, {"do": "agree_swap", "number": number, "swap": row})

    ledger.record_with(work)


def refuse_swap(ledger: Ledger, number: int, *, by: str, at: datetime, reason: str) -> None:
    """The other side does not agree: the shift stays as it was."""

    def work(c: Connection) -> tuple[None, list[Change]]:
        row = _asked(c, number)
        if not shifts.end_swap(c, number, "asked", "refused", by, at):
            raise forbid("swap_settled", state=row["state"])
        return None, _record(Act.ROSTER, by, at, reason, {"do": "refuse_swap", "number": number})

    ledger.record_with(work)


def undo_swap(ledger: Ledger, number: int, *, by: str, at: datetime, reason: str) -> None:
    """Takes a swap back before it begins; one that has begun is swapped back by a new one."""

    def work(c: Connection) -> tuple[None, list[Change]]:
        row = shifts.swap(c, number)
        if row is None:
            raise forbid("swap_shift")
        if row["state"] not in ("asked", "agreed"):
            raise forbid("swap_settled", state=catalogue()["swap_states"][row["state"]])
        if row["starts_at"] <= at:
            raise forbid("swap_began")
        if not shifts.end_swap(c, number, row["state"], "undone", by, at):
            raise forbid("swap_settled", state=row["state"])
        return None, _record(Act.ROSTER, by, at, reason, {"do": "undo_swap", "number": number})

    ledger.record_with(work)


def _asked(c: Connection, number: int) -> Row:
    row = shifts.swap(c, number)
    if row is None:
        raise forbid("swap_shift")
    if row["state"] != "asked":
        raise forbid("swap_settled", state=catalogue()["swap_states"][row["state"]])
    return row


# ------------------------------------------------------------------ silences
def begin_silence(
    ledger: Ledger,
    *,
    by: str,
    at: datetime,
    reason: str,
    until: datetime,
    incident: str | None = None,
    department: str | None = None,
    occasions: Sequence[str] = (),
) -> int:
    """静默: messages of an incident, a department or a kind are kept back until `until`; returns its number.

    Red and danger to life go out all the same (monitor.routing.policy.urgent). It ends by itself.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise forbid("silence_reason", least=LEAST_REASON)
    if not at < aware(until) <= at + SILENCE_MOST:
        raise forbid("silence_until", days=SILENCE_MOST.days)
    if not (incident or department or occasions):
        raise forbid("silence_scope")
    known = {one.value for one in Occasion}
    wrong = [*(one for one in occasions if one not in known), *_unknown(ledger, department)]
    if wrong:
        raise forbid("silence_unknown", name=wrong[0])

    def work(c: Connection) -> tuple[int, list[Change]]:
        row = incidents.one(c, incident) if incident else None
        if row is not None and (row["level"] == Level.RED.value or row["life_risk"]):
            raise forbid("silence_red")
        values = {
            "author": by, "reason": reason, "starts_at": at, "until": aware(until), "incident": incident,
            "department": department, "occasions": list(occasions),
        }  # fmt: skip
        number = shifts.add_silence(c, values)
        data = {"do": "begin", "number": number, "silence": values}
        return number, _record(Act.SILENCE, by, at, reason, data, incident)

    return ledger.record_with(work)


def _unknown(ledger: Ledger, department: str | None) -> list[str]:
    return [department] if department and department not in ledger.matrix.departments else []


def end_silence(ledger: Ledger, number: int, *, by: str, at: datetime, reason: str) -> None:
    """A person ends a silence early; what it kept back and is still open is told again (tell.tell_silenced)."""

    def work(c: Connection) -> tuple[None, list[Change]]:
        row = shifts.silence(c, number)
        if row is None or not shifts.end_silence(c, number, by, at, reason):
            raise forbid("silence_over")
        open_ = row["incident"] and (incidents.one(c, row["incident"]) or {}).get("state") in incidents.OPEN_STATES
        data = {"do": "end", "number": number}
        return None, _record(Act.SILENCE, by, at, reason, data, row["incident"] if open_ else None)

    ledger.record_with(work)


# ------------------------------------------------------------------ proofs
def file_proof(
    ledger: Ledger, incident: str, *, by: str, at: datetime, reason: str, payment: int | None = None, **file: Any
) -> int:
    """Files a proof (name, media_type, sha256, body, purpose) with an incident; returns its number.

    `payment`: the payment it proves, by its place among those recorded, where it comes after the payment.

    The ledger keeps its SHA-256, so that a slip that is exchanged later no longer fits its row.
    """

    def work(c: Connection) -> tuple[int, list[Change]]:
        if incidents.one(c, incident) is None:
            raise forbid("unknown_incident", incident=incident)
        number = incidents.put_file(c, incident=incident, by=by, at=at, **file)
        told = {key: file[key] for key in ("media_type", "sha256", "purpose")}  # its name goes with the file
        data = {**told, "file": number, "bytes": len(file["body"])}
        data |= {} if payment is None else {"payment": payment}
        return number, _record(Act.FILE, by, at, reason, data, incident)

    return ledger.record_with(work)


# ------------------------------------------------------------------ hand-over
def write_handover(ledger: Ledger, values: Mapping[str, Any], *, at: datetime, reason: str) -> int | None:
    """交班说明, written by the system once for every shift change; None when it had been written before."""

    def work(c: Connection) -> tuple[int | None, list[Change]]:
        if shifts.handover(c, values["department"], values["at"]):
            return None, []
        number = shifts.add_handover(c, values)
        data = {"do": "write", "number": number, "handover": dict(values)}
        return number, _record(Act.HANDOVER, MACHINE, at, reason, data)

    return ledger.record_with(work)


def take_handover(ledger: Ledger, number: int, *, by: str, at: datetime, reason: str) -> None:
    """The next officer signs for the note."""

    def work(c: Connection) -> tuple[None, list[Change]]:
        if not shifts.take_over(c, number, by, at):
            raise forbid("handover_taken", by=(shifts.handover_by_number(c, number) or {}).get("taken_by") or face(at))
        return None, _record(Act.HANDOVER, by, at, reason, {"do": "take", "number": number})

    ledger.record_with(work)
