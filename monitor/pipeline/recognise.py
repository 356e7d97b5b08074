"""Is this the database this machine worked in last? One put back by hand has forgotten what was sent since.

`xinshao restore` holds the queue and passes over numbers; pg_restore and a copied file do not, and nobody remembers to
say so. The end of the ledger is therefore noted beside the secret key; a database that does not have that row is an
older or another one, and is treated at the next start as a restored one. Knows a file and the ledger's end.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from monitor.store import done, ledger
from monitor.store.base import Store
from monitor.store.copies import RESTORED, put_back

log = structlog.get_logger()
NAME = "ledger.head"


def recognise(store: Store, home: Path, now: datetime) -> dict[str, Any] | None:
    """Before anything is sent: what was held and passed over in a database put back by hand; None for the known one."""
    told, known = None, _read(home)
    if known is not None:
        with store.read() as c:
            there = ledger.hash_of(c, known["seq"]) == known["hash"]
            marked = done.newest(c, RESTORED)
        if not there and (marked is None or marked < datetime.fromisoformat(known["at"])):
            told = put_back(store, now)
            log.error("the database was put back by hand: messages wait, numbers are passed over", **told)
    note(store, home, now)
    return told


def note(store: Store, home: Path, now: datetime) -> None:
    """Keeps the ledger's end; writes only where it moved."""
    with store.read() as c:
        seq, hash_ = ledger.last(c)
    known = _read(home)
    if seq == 0 or (known is not None and (known["seq"], known["hash"]) == (seq, hash_)):
        return
    part = home / f".{NAME}"
    part.write_text(json.dumps({"seq": seq, "hash": hash_, "at": now.isoformat()}), encoding="utf-8")
    part.replace(home / NAME)


def _read(home: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((home / NAME).read_text(encoding="utf-8"))
        datetime.fromisoformat(found["at"])
        return {"seq": int(found["seq"]), "hash": str(found["hash"]), "at": found["at"]}
    except (OSError, ValueError, KeyError, TypeError):  # none yet, or half of one: the next note makes a whole one
        return None
