"""Notes that an officer opened a case, a paper, a proof or an export. Knows the register, shows nothing of it."""

from __future__ import annotations

import structlog

from monitor.store import StoreError, looks
from monitor.web.access import Person
from monitor.web.desk import Desk
from monitor.web.errors import of_database

log = structlog.get_logger("monitor.web.access")


def note(desk: Desk, person: Person, what: str, incident: str = "") -> None:
    """One look more (`looks.WHAT`). A database that takes nothing keeps nobody from reading: the log has it then."""
    now = desk.now()
    try:
        desk.store.unit(lambda c: looks.note(c, person.name, what, incident, now))
    except Exception as problem:
        if not isinstance(problem, StoreError) and not of_database(problem):
            raise
        log.warning("look not registered", user=person.name, what=what, incident=incident)
