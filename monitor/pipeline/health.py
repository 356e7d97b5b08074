"""What is wrong with which feed, from the store. Knows where the figures are; collect.health judges them."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.collect.health import Alarm, examine_all
from monitor.config import Config
from monitor.store import feeds as feed_rows
from monitor.store.base import Store, open_store

HISTORY = timedelta(days=60)


def alarms(config: Config, now: datetime, store: Store | None = None) -> list[Alarm]:
    """Every alarm of the configured feeds, worst first."""
    opened = store or open_store(config.settings.database)
    try:
        with opened.read() as c:
            return examine_all(
                config.feeds,
                feed_rows.states(c),
                feed_rows.new_at(c, now - HISTORY),
                now,
                watched_since=feed_rows.watched_since(c),
                lags=feed_rows.lags(c, now - timedelta(days=7)),
            )
    finally:
        if store is None:
            opened.close()
