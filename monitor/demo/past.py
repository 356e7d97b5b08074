"""What the fictional county had done before its scripted day: a case sent to the next county with its receipt, one
closed on an arbitration that is still to be enforced, and an account that sees one town only.

Posts are read and acts recorded by the house's own rooms, dated days ago; the officers are invented. The mails of those
days are not sent: they stand as told otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from monitor.clocks import Calendar
from monitor.config import Config
from monitor.digest import papers
from monitor.ledger import Ledger
from monitor.ledger.accounts import add_account
from monitor.model import Act, Change, Post
from monitor.pipeline.in_force import Chosen
from monitor.pipeline.take import Intake
from monitor.routing import load_matrix
from monitor.store import incidents, open_store, outbox
from monitor.store.ledger import length
from monitor.text import SHANGHAI, aware
from monitor.web.accounts import FIRST, first_account
from monitor.web.passwords import fresh, hashed

Row = Mapping[str, Any]


def bring_past(config: Config, now: datetime | None = None) -> Mapping[str, str]:
    """Writes it into the demo's new database; returns the passwords of the accounts it made, by name. Once."""
    at = now or datetime.now(UTC)
    settings = config.settings
    with closing(open_store(settings.database)) as store:
        with store.read() as c:
            if length(c):
                return {}
        ledger = Ledger(store, config.county, load_matrix(), Calendar(), settings.key())
        intake = Intake(store, ledger, Chosen(settings.home).classifier, config.county, config.feeds)
        for name, case in _past()["cases"].items():
            _lived(intake, name, case, at)
        return _accounts(ledger, at)


def _lived(intake: Intake, name: str, case: Row, now: datetime) -> None:
    """One case from its post to where it stands."""
    told, ledger = case["post"], intake.ledger
    when = _moment(told, now)
    post = Post(
        id=f"past-{name}", native_id=f"past-{name}", title=told["title"], text=told["text"], platform=told["platform"],
        published_at=when, fetched_at=when,
    )  # fmt: skip
    [recorded] = intake.take([post], when).recorded
    incident = str(recorded.incident)
    for one in case["acts"]:
        _act(ledger, incident, one, now)
    ledger.store.unit(lambda c: _told(c, incident, now))


def _act(ledger: Ledger, incident: str, one: Row, now: datetime) -> None:
    at = _moment(one, now)
    with ledger.store.read() as c:
        lead = (incidents.one(c, incident) or {})["lead"]
    known = {"$lead": lead, "$day": str(at.astimezone(SHANGHAI).date()), "$year": str(at.astimezone(SHANGHAI).year)}
    data = {key: _filled(value, known) for key, value in (one.get("data") or {}).items()}
    act = Change(act=Act(one["act"]), at=at, reason=one["reason"], actor=one["by"], incident=incident, data=data)
    ledger.record(act)
    if one.get("paper"):
        with ledger.store.read() as c:
            case = papers.case_file(c, incident, matrix=ledger.matrix, county=ledger.county, now=at)
        if case is not None:
            papers.numbered(ledger.store, case, one["paper"], one["by"])


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for key, given in known.items():
            value = value.replace(key, given)
    return value


def _told(c: Any, incident: str, now: datetime) -> None:
    """The mails of those days are held, and settled: nobody is written to about what is over."""
    told = _past()["told"]
    outbox.hold(c, now, told["held"])
    outbox.settle(c, [row["id"] for row in outbox.of_incident(c, incident)], told["settled"])


def _accounts(ledger: Ledger, now: datetime) -> Mapping[str, str]:
    """The administrator, as every installation gets one, and who is confined to a town; with their passwords."""
    administrator, one, password = first_account(ledger.store), _past()["account"], fresh()
    about = {key: one[key] for key in ("display", "department", "towns", "by", "reason")}
    made = add_account(ledger, one["name"], password=hashed(password), role="handler", at=now, **about)
    return {**({FIRST: administrator} if administrator else {}), **({one["name"]: password} if made else {})}


def _moment(one: Row, now: datetime) -> datetime:
    """So many local days before `now`, at a local time of day."""
    day: date = aware(now).astimezone(SHANGHAI).date() - timedelta(days=one["back"])
    return aware(datetime.combine(day, time.fromisoformat(one["at"]), SHANGHAI))


@cache
def _past() -> Row:
    loaded: Row = yaml.safe_load((files("monitor.demo") / "past.yaml").read_text(encoding="utf-8"))
    return loaded
