"""What is wrong with which feed, and how much could be seen, from the store. Knows where the figures are; the rooms of
collect, health and coverage, judge them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.collect.coverage import Cell, coverage, says_no_incident
from monitor.collect.health import Alarm, examine_all
from monitor.config import Config
from monitor.store import feeds as feed_rows
from monitor.store.base import Store, open_store

HISTORY, YIELDS, DAY = timedelta(days=60), timedelta(days=7), timedelta(days=1)


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
                yields=feed_rows.yields(c, now - YIELDS),
            )
    finally:
        if store is None:
            opened.close()


def cells(store: Store, config: Config, now: datetime, back: timedelta = DAY) -> list[Cell]:
    """The coverage ledger of the last hours: platform x area x hour. Slow feeds cover the hours of their interval."""
    reach = max((feed.every for feed in config.feeds if feed.enabled), default=timedelta())
    with store.read() as c:
        polls = feed_rows.polls_between(c, now - back - reach, now + timedelta(seconds=1))
        since = feed_rows.first_poll(c)
    if since is None:
        return []
    return coverage(config.feeds, polls, max(now - back, since), now)  # hours before the first poll do not count


def seen(store: Store, config: Config, now: datetime) -> tuple[bool, str]:
    """Whether "no incident" may be said of the last day, and why not."""
    return says_no_incident(cells(store, config, now))
