"""Every error this house raises on purpose. Knows no room.

XinshaoError
├── ConfigError        the operator's files are wrong: every fault at once, each with its path
├── InputError         one piece of outside data cannot be read; carries what and why
├── CollectError       a source did not give what it promised (reason, permanent, retry_after)
├── StaleVersion       somebody else changed the incident first
├── ForbiddenChange    the ledger's rules do not allow this change now; says which rule
└── DeliveryError      a message could not be handed over (reason, permanent)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class XinshaoError(Exception):
    """Base of all; its text is one sentence an operator understands."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an operator's file. `path`: e.g. `feeds.yaml: feeds[3].every`; `remedy`: what to write instead."""

    path: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}" + (f" — {self.remedy}" if self.remedy else "")


class ConfigError(XinshaoError):
    """All faults of one configuration, never just the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InputError(XinshaoError):
    """A document, line or file that cannot be read; the text names it and says why."""


class CollectError(XinshaoError):
    """A source did not give what its feed promises."""

    def __init__(self, reason: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after


class StaleVersion(XinshaoError):
    """The incident changed since it was read; `by` and `at` say who was first."""

    def __init__(self, incident: str, *, by: str = "", at: str = "") -> None:
        super().__init__(f"{incident} was changed by {by or 'someone else'} {at}".rstrip())
        self.incident, self.by, self.at = incident, by, at


class ForbiddenChange(XinshaoError):
    """A rule of the ledger refuses this change; `rule` is a stable id, the text says what is missing."""

    def __init__(self, rule: str, problem: str) -> None:
        super().__init__(problem)
        self.rule = rule


class DeliveryError(XinshaoError):
    """A message was not accepted by its channel."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
