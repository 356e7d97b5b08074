"""What machines ask: is it alive, and the figures for a monitoring system. And two pages to read:
how data is handled, and the manual.

`/metrics` holds totals only, no incident, department or name, and is therefore open like `/health`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from monitor.collect.coverage import coverage
from monitor.collect.health import examine_all
from monitor.config import LOW_DISK
from monitor.digest.papers import advice
from monitor.ledger.wishes import WORKING_DAYS
from monitor.model import Level
from monitor.store import alive, feeds, figures, incidents, ledger, outbox, posts, wishes
from monitor.text import SHANGHAI
from monitor.web.desk import Desk, desk_of, version
from monitor.web.errors import of_database
from monitor.web.sessions import Anybody, whoever

router = APIRouter()
DAY = timedelta(days=1)


@router.get("/health")
def health(request: Request) -> Response:
    """200 when the database answers and the work is done, 503 otherwise; never a trace (fault F49).

    `late`: timed jobs that have not come to their end for minutes (monitor.store.alive): nobody is warned, say.

    `matrix`, `config` (feeds.yaml, county.yaml) and `model` are `refused` while the newest is wrong and the one before
    it holds; `settings` are to `restart` where .env was changed since the start. Why stands on /feeds. `disk` is `low`
    with less than a gigabyte left.
    """
    desk = desk_of(request)
    try:
        with desk.store.read() as c:
            posts.review_count(c)
            late = [one.job for one in alive.late(c, desk.now())]
    except Exception as problem:
        if not of_database(problem):
            raise
        return JSONResponse({"status": "unavailable", "database": "down"}, status_code=503)
    files = {"matrix": desk.ledger.matrix_fault, "config": desk.unheeded.files, "model": desk.unheeded.model}
    disk = "low" if desk.config.settings.free() < LOW_DISK else "ok"
    taken = {name: "refused" if fault else "ok" for name, fault in files.items()}
    taken["settings"] = "restart" if desk.unheeded.settings else "ok"
    told = {"status": "late" if late else "ok", "database": "up", "late": late, **taken, "disk": disk}
    return JSONResponse({**told, "version": version()}, status_code=503 if late else 200)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    registry = CollectorRegistry()
    registry.register(_Totals(desk_of(request)))
    return PlainTextResponse(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


class _Totals(Collector):
    """Reads the store when it is asked; keeps nothing."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def collect(self) -> Iterator[Metric]:
        now = self.desk.now()
        with self.desk.store.read() as c:
            yield _gauge("xinshao_review_waiting", "posts waiting for a person", {(): posts.review_count(c)})
            yield _gauge("xinshao_outbox", "messages by state", _keyed(outbox.depth(c)), "state")
            levels = {(level.value,): 0 for level in Level} | _keyed(figures.by(c, "level"))
            yield _gauge("xinshao_incidents_open", "incidents in hand by level", levels, "level")
            late = incidents.count(c, incidents.Filter(state="open", overdue=now))
            yield _gauge("xinshao_incidents_overdue", "incidents with a clock that ran out", {(): late})
            yield _gauge("xinshao_ledger_rows", "rows of the ledger", {(): ledger.length(c)})
            free = self.desk.config.settings.free()
            yield _gauge("xinshao_disk_free_bytes", "bytes left where the data lie", {(): free})
            ages = {(job,): (now - at).total_seconds() for job, (at, _) in alive.ends(c).items()}
            yield _gauge("xinshao_job_age_seconds", "seconds since a timed job came to its end", ages, "job")
            yield from self._feeds(list(feeds.states(c).values()), now)
            yield from self._sight(c, now)

    def _sight(self, c: Connection, now: datetime) -> Iterator[Metric]:
        """Which feeds no longer tell what happens, and how much of the last day could be seen."""
        watched, since = self.desk.config.feeds, feeds.watched_since(c)
        new, yields = feeds.new_at(c, now - 60 * DAY), feeds.yields(c, now - 7 * DAY)
        judged = examine_all(watched, feeds.states(c), new, now, watched_since=since, yields=yields)
        ills = {(alarm.feed, alarm.ill.value): 1 for alarm in judged}
        yield _gauge("xinshao_feed_alarm", "feeds with an alarm, by what is wrong", ills, "feed", "ill")
        polls, start = feeds.polls_between(c, now - 2 * DAY, now), max(now - DAY, min(since.values(), default=now))
        hours: dict[tuple[str, str], list[float]] = {}
        for cell in coverage(watched, polls, start, now) if since else ():
            hours.setdefault((cell.platform, cell.area), []).append(cell.share)
        shares = {key: sum(each) / len(each) for key, each in hours.items()}
        yield _gauge("xinshao_coverage", "share of the last 24 hours that was seen", shares, "platform", "area")

    def _feeds(self, rows: list[feeds.FeedState], now: datetime) -> Iterator[Metric]:
        failures = {(row.name,): row.failures for row in rows}
        yield _gauge("xinshao_feed_failures", "failures in a row of a feed", failures, "feed")
        ages = {(row.name,): (now - row.last_success_at).total_seconds() for row in rows if row.last_success_at}
        yield _gauge("xinshao_feed_success_age_seconds", "seconds since a feed last answered", ages, "feed")


def _keyed(counts: dict[str, int]) -> dict[tuple[str, ...], float]:
    return {(key,): value for key, value in counts.items()}


def _gauge(name: str, says: str, values: Any, *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family


@router.get("/about")
def about(request: Request) -> Response:
    """Data-handling rules (个人信息保护法 17, 35): open to everybody, signed in or not."""
    desk = desk_of(request)
    with desk.store.read() as c:
        years = [_year(c, desk.now().astimezone(SHANGHAI).year - back) for back in (0, 1)]
    return desk.page(
        request, "about.html", whoever(request), feeds=desk.config.feeds, county=desk.config.county,
        matrix=desk.ledger.matrix, https=desk.https, contact=desk.config.settings.contact,
        years=[one for one in years if one["opened"] or one["wishes"]], help=advice(), days=WORKING_DAYS,
    )  # fmt: skip


def _year(c: Connection, year: int) -> dict[str, Any]:
    """What a year came to, in sums that name nobody: cases, those paid, workers and yuan paid."""
    start, end = (datetime(one, 1, 1, tzinfo=SHANGHAI) for one in (year, year + 1))
    done = figures.closed(c, start, end)
    opened = sum(figures.by(c, "level", start=start, end=end).values())
    asked = wishes.counts(c, start, end)
    late = asked.pop("late")
    told = {"wishes": sum(asked.values()), "wishes_late": late}
    return {"year": year, "opened": opened, "closed": len(done["ids"]), **done, **told}


@router.get("/manual")
def manual(request: Request, person: Anybody) -> Response:
    """使用手册: what each role does, the reader's own first."""
    desk = desk_of(request)
    names = desk.words["roles"]
    order = sorted(("duty", "handler", "leader", "admin", "auditor"), key=lambda role: role != person.role)
    chapters = [*((role, names[role]) for role in order), ("rules", desk.words["manual_rules"])]
    return desk.page(request, "manual.html", person, chapters=chapters)
