"""Tells a watcher on another machine, once a minute, that the work is done; its silence is the alarm.

A machine without power sends no mail. So the watcher (a push monitor of the county, a cron job) must expect the call
and raise the alarm when it stays out; nothing is said in it but that it comes. It stays out, too, while a job is late.
"""

from __future__ import annotations

import urllib.request
from datetime import datetime

import structlog

from monitor import trusted
from monitor.config import Settings
from monitor.store import alive, done
from monitor.store.base import Store

log = structlog.get_logger()
DEADLINE = 10.0  # seconds
FAULT = "heartbeat"  # in `done`: why the last call was not taken; empty when it was


def beat(store: Store, settings: Settings, now: datetime) -> str | None:
    """Calls XINSHAO_HEARTBEAT_URL. "" when it was taken, else why not; None: no address is set.

    A change is logged, not every minute of an outage.
    """
    if not settings.heartbeat_url:
        return None
    with store.read() as c:
        late, before = alive.late(c, now), done.detail(c, FAULT)
    fault = f"late: {', '.join(one.job for one in late)}" if late else _call(settings)
    if fault != before:
        store.unit(lambda c: done.put(c, FAULT, now, fault))
    if fault and fault != before:
        log.warning("heartbeat stays out", reason=fault)
    elif before and not fault:
        log.info("heartbeat is taken again")
    return fault


def _call(settings: Settings) -> str:
    try:
        status = trusted.call(urllib.request.Request(settings.heartbeat_url), settings.certificates, DEADLINE)  # noqa: S310
    except OSError as problem:
        return f"the watcher is not reached: {getattr(problem, 'reason', None) or problem}"
    return "" if status < 300 else f"the watcher answers {status}"
