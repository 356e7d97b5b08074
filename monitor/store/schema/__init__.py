"""The tables. Knows columns and keys; knows no query. Migrations follow it (see migrations/).

    reading    feeds, polls, evidence, posts, observations
    cases      incidents, signatures, links, assignments, clocks, pauses, files, ledger
    sending    outbox, tokens, papers, done
    people     users, sessions, second_factors, looks, shifts, swaps, silences, handovers
    brought    funds, visits, lists, listed, judged, wishes

Moments are stored as UTC `DateTime(timezone=True)` through `Moment`, so that SQLite gives aware values back.
JSON columns hold what is read whole and never searched by content.
"""

from monitor.store.schema.brought import funds, judged, listed, lists, visits, wishes
from monitor.store.schema.cases import assignments, clocks, files, incidents, ledger, links, pauses, signatures
from monitor.store.schema.columns import Moment, metadata
from monitor.store.schema.people import handovers, looks, second_factors, sessions, shifts, silences, swaps, users
from monitor.store.schema.reading import evidence, feeds, observations, polls, posts
from monitor.store.schema.sending import done, outbox, papers, tokens

__all__ = [
    "Moment", "assignments", "clocks", "done", "evidence", "feeds", "files", "funds", "handovers", "incidents",
    "judged", "ledger", "links", "listed", "lists", "looks", "metadata", "observations", "outbox", "papers",
    "pauses", "polls", "posts", "second_factors", "sessions", "shifts", "signatures", "silences", "swaps",
    "tokens", "users", "visits", "wishes",
]  # fmt: skip
