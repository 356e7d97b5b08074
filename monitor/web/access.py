"""Who may do what, and who may see which incident. Pure: knows roles and rows, no request and no database.

Every decision defaults to no. A handler sees only incidents of the own department and, where the account names 属地,
of those towns only; a leader is confined in the same way by a department or towns; of a case whose debtor is the own
department's project nobody confined sees anything (信访工作条例 30(3): never the unit complained of). Duty officers,
administrators and auditors answer for the whole county.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from monitor.model import Act

DUTY, HANDLER, LEADER, ADMIN, AUDITOR = "duty", "handler", "leader", "admin", "auditor"
ROLES = (DUTY, HANDLER, LEADER, ADMIN, AUDITOR)
CONFINABLE = (HANDLER, LEADER)  # whom a department or towns confine; the others see the whole county
TOWN = "town"  # the department of 乡镇街道 in the matrix: of all towns together, so that towns tell them apart


class Right(StrEnum):
    """A kind of page; acts on incidents are in ACTS."""

    READ = "read"  # incidents one may see, and the board over them
    TEXT = "text"  # masked texts and links of posts
    REVIEW = "review"  # decide in the queue
    AUDIT = "audit"  # the hash-chained log
    OPERATE = "operate"  # feeds, outbox, roster: look
    RETRY = "retry"  # outbox and roster: change
    EXPORT = "export"
    ACCOUNTS = "accounts"


_EVERYBODY = {Right.READ, Right.TEXT, Right.EXPORT}
RIGHTS: Mapping[str, frozenset[Right]] = {
    DUTY: frozenset(_EVERYBODY | {Right.REVIEW, Right.OPERATE, Right.RETRY}),
    HANDLER: frozenset(_EVERYBODY),
    LEADER: frozenset(_EVERYBODY | {Right.OPERATE, Right.AUDIT}),
    ADMIN: frozenset(Right),
    AUDITOR: frozenset({Right.READ, Right.AUDIT, Right.OPERATE}),
}

_OFFICE = frozenset({DUTY, ADMIN})
_OFFICE_LEADER = frozenset({DUTY, ADMIN, LEADER})
_DEPARTMENT = frozenset({DUTY, ADMIN, HANDLER})
ACTS: Mapping[Act, frozenset[str]] = {
    Act.CONFIRM: _OFFICE,
    Act.DISMISS: _OFFICE,
    Act.MERGE: _OFFICE,
    Act.SPLIT: _OFFICE,
    Act.REASSIGN: _OFFICE_LEADER,
    Act.ARBITRATE: _OFFICE_LEADER,
    Act.REGRADE: _OFFICE_LEADER,
    Act.CORRECT: _OFFICE,
    Act.PAUSE: _OFFICE,
    Act.RESUME: _OFFICE,
    Act.ACKNOWLEDGE: _DEPARTMENT,
    Act.ACCEPT: _DEPARTMENT,
    Act.RETURN: _DEPARTMENT,
    Act.CONTACT: _DEPARTMENT,
    Act.VERIFY: _DEPARTMENT,
    Act.PAY: _DEPARTMENT,
    Act.REVERSE: _DEPARTMENT,
    Act.REPLY: _DEPARTMENT,
    Act.CLOSE: _DEPARTMENT,
    Act.APPROVE: _OFFICE_LEADER,
    Act.LOOK_BACK: _DEPARTMENT,
    Act.REOPEN: _OFFICE_LEADER,
    Act.REFER: _OFFICE_LEADER,
    Act.RECEIPT: _OFFICE_LEADER,
    Act.ENFORCE: _DEPARTMENT,
    Act.NOTE: _DEPARTMENT | {LEADER},
    Act.CALL: _DEPARTMENT | {LEADER},
    Act.PLAN: _DEPARTMENT | {LEADER},
    Act.DRILL: _OFFICE_LEADER,
    Act.UNMASK: _OFFICE_LEADER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in. `session` is the stored hash of the cookie, `csrf` the token every form must carry."""

    name: str
    display: str
    role: str
    department: str | None
    session: str
    csrf: str
    towns: tuple[str, ...] = ()  # 属地 the account is confined to; empty: every town
    paired: bool = False  # signs in with a second factor

    def may(self, right: Right) -> bool:
        """Pages on the running of the house tell of every case: who is confined has none of them."""
        return right in RIGHTS.get(self.role, frozenset()) and (self.whole or right in _EVERYBODY)

    def may_act(self, act: Act) -> bool:
        return self.role in ACTS.get(act, frozenset())

    @property
    def whole(self) -> bool:
        """Whether this person sees every case of the county."""
        return self.role != HANDLER and not (self.role == LEADER and (self.department or self.towns))

    @property
    def only_department(self) -> str | None:
        """The department this person is confined to; None: any. A handler with neither sees nothing."""
        return None if self.whole else self.department or (None if self.towns else "-")

    @property
    def only_towns(self) -> frozenset[str]:
        """The towns this person is confined to; empty: any. A case whose town is unknown is in none of them."""
        return frozenset() if self.whole else frozenset(self.towns)

    @property
    def side(self) -> str:
        """The department whose own projects this person is kept away from; of towns alone: that of the towns."""
        return self.department or TOWN


def unfit(role: str, department: str | None, towns: Collection[str]) -> str:
    """Why an account cannot be so: a key of the catalogue; empty where it can."""
    if towns and role not in CONFINABLE:
        return "office"
    return "department" if role == HANDLER and not department and not towns else ""


def wide(role: str, department: str | None, towns: Collection[str]) -> bool:
    """Whether a town's handler sees every town's cases, since the account names none."""
    return role == HANDLER and department == TOWN and not towns


def person_of(row: Mapping[str, Any], name: str, *, session: str = "", csrf: str = "") -> Person:
    """A row of an account, or of a session with its account, as the person it is."""
    return Person(
        name=name, display=row["display"], role=row["role"], department=row["department"], session=session, csrf=csrf,
        towns=tuple(row["towns"] or ()), paired=bool(row.get("paired")),
    )  # fmt: skip


def sees(
    person: Person, *, lead: str, co: Iterable[str], departments: Iterable[str], accused: Iterable[str],
    town: str | None,
) -> bool:  # fmt: skip
    """Whether an incident exists for this person; answer a no with 404, so that nothing leaks."""
    if person.whole:
        return person.may(Right.READ)
    own, towns = person.only_department, person.only_towns
    within = (own is None or own in {lead, *co, *departments}) and (not towns or town in towns)
    return person.may(Right.READ) and within and person.side not in set(accused)
