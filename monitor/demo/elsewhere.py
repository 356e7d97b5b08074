"""Other offices' lists of the fictional county: debts that the town's sites tell of, and some that they do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import yaml

from monitor.clocks import Calendar
from monitor.ledger import Ledger
from monitor.ledger.lists import bring
from monitor.listed import Listed
from monitor.model import County
from monitor.routing import load_matrix
from monitor.store import lists, open_store
from monitor.text import SHANGHAI


@dataclass(frozen=True, slots=True)
class Brought:
    """A list as an office would bring it, for the days `first` to `last`."""

    source: str
    file: str
    first: date
    last: date
    rows: tuple[Listed, ...]


def lists_of(today: date) -> Iterator[Brought]:
    """The lists as they stand on a local day."""
    text = resources.files("monitor.demo").joinpath("elsewhere.yaml").read_text("utf-8")
    for one in yaml.safe_load(text):
        rows = tuple(Listed(day=today - timedelta(days=row.pop("back")), **row) for row in one["rows"])
        yield Brought(one["source"], one["file"], today - timedelta(days=one["days"] - 1), today, rows)


def bring_elsewhere(database: str, county: County, key: bytes) -> None:
    """Brings them, once: a demo that is started again tomorrow keeps what it has."""
    now = datetime.now(UTC)
    with closing(open_store(database)) as store:
        with store.read() as c:
            if lists.imports(c):
                return
        ledger = Ledger(store, county, load_matrix(), Calendar(), key)
        for one in lists_of(now.astimezone(SHANGHAI).date()):
            days = {"first": one.first, "last": one.last}
            told = {"source": one.source, "file": one.file, "reason": one.file, "by": "demo", "at": now, **days}
            bring(ledger, list(enumerate(one.rows, 2)), **told)  # type: ignore[arg-type]
