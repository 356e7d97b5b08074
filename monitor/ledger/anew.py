"""After an upgrade: the keys by which posts find the incident of their debt, where an older program wrote others.

Keys of another form meet none of this program's, so that every further post of a known debt would open an incident of
its own, warn again and start clocks again. Knows what keys are made from; decides nothing.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Connection

from monitor.incidents.keys import ALGORITHM, keys
from monitor.store import done, posts, signatures
from monitor.store.base import Store
from monitor.store.codec import reading_from

log = structlog.get_logger()
FORM = "keys"  # in `done`: the form of those in the table
MOST_POSTS = 1_000_000  # of one incident: all of them


def write_keys_anew(store: Store, now: datetime) -> int:
    """Makes the keys of every incident from its posts where their form is another; how many. Safe to run again."""
    with store.read() as c:
        if done.detail(c, FORM) == ALGORITHM:
            return 0
        stale = signatures.of_other_forms(c, ALGORITHM)
    for incident in stale:
        store.unit(lambda c, incident=incident: _anew(c, incident))  # type: ignore[misc]
    store.unit(lambda c: done.put(c, FORM, now, ALGORITHM))
    if stale:
        log.info("keys written anew after an upgrade", incidents=len(stale))
    return len(stale)


def _anew(c: Connection, incident: str) -> None:
    """Each post's keys as of the hour it was recorded: what is too long ago to be compared stays so."""
    ids = posts.ids_in(c, [incident], MOST_POSTS).get(incident, [])
    rows = [row for id_ in ids if (row := posts.one(c, id_))]
    signatures.forget(c, incident)
    for row in sorted(rows, key=lambda row: (row["recorded_at"], row["id"])):
        signatures.add(c, incident, keys(reading_from(row)), row["recorded_at"])
