"""Who may do what, and who may see which incident. Pure: knows roles and rows, no request and no database.

Every decision defaults to no. A handler sees only incidents of the own department, and of those whose debtor is the own
department's project nothing at all (条例 30(3) of 信访工作条例: never the unit complained of).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.model import Act

DUTY, HANDLER, LEADER, ADMIN, AUDITOR = "duty", "handler", "leader", "admin", "auditor"
ROLES = (DUTY, HANDLER, LEADER, ADMIN, AUDITOR)


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
    Act.REPLY: _DEPARTMENT,
    Act.CLOSE: _DEPARTMENT,
    Act.APPROVE: _OFFICE_LEADER,
    Act.LOOK_BACK: _DEPARTMENT,
    Act.REOPEN: _OFFICE_LEADER,
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

    def may(self, right: Right) -> bool:
        return right in RIGHTS.get(self.role, frozenset())

    def may_act(self, act: Act) -> bool:
        return self.role in ACTS.get(act, frozenset())

    @property
    def only_department(self) -> str | None:
        """The department this person is confined to; None: the whole county. A handler without one sees nothing."""
        return (self.department or "-") if self.role == HANDLER else None


def sees(person: Person, *, lead: str, co: Iterable[str], departments: Iterable[str], accused: Iterable[str]) -> bool:
    """Whether an incident exists for this person; answer a no with 404, so that nothing leaks."""
    own = person.only_department
    if own is None:
        return person.may(Right.READ)
    return own in {lead, *co, *departments} and own not in set(accused)
