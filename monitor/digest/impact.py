"""个人信息保护影响评估 (个人信息保护法 55, 56): a paper to fill in, with what the system itself knows already entered.

Which fields are kept, how long, who may see them; how much there is; what the settings leave open. A person judges:
conclusions, remaining risks and signatures are blanks. Knows settings, feeds and counts; reads no post.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import Connection

from monitor.clocks.calendar import local_day
from monitor.config import Config
from monitor.digest.official import Official
from monitor.store import impact, retention, users, wishes

YEAR = timedelta(days=365)
MOST_SOURCES, MOST_NAMES = 40, 8
WIDTHS = {"sources": (38, 22, 50, 46), "data": (52, 54, 50), "risks": (42, 74, 40)}
TOWN = "town"  # the department of all towns together


@cache
def catalogue() -> Mapping[str, Any]:
    """The sentences of the paper."""
    text = (files("monitor.digest") / "impact.yaml").read_text("utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What the system knows of itself on a day."""

    config: Config
    day: date
    version: str
    counts: Mapping[str, int]
    roles: Mapping[str, int]
    models: Sequence[str]
    wide: Sequence[str]  # accounts of towns that see every town
    answered: int
    late: int  # answered after their time
    overdue: int  # that wait, and whose time is over


def assess(c: Connection, config: Config, now: datetime, version: str) -> Assessed:
    """Gathers it from settings and store."""
    told = wishes.counts(c, now - YEAR, now + timedelta(seconds=1))
    late = told.pop("late")
    open_to = [row for row in users.all_users(c) if not row["disabled"] and row["role"] == "handler"]
    wide = [row["name"] for row in open_to if row["department"] == TOWN and not row["towns"]]
    return Assessed(
        config=config, day=local_day(now), version=version, counts=impact.counts(c, now - YEAR), roles=impact.roles(c),
        models=impact.models(c, now - YEAR), wide=wide, answered=sum(told.values()), late=late,
        overdue=wishes.near(c, now),
    )  # fmt: skip


def findings(found: Assessed) -> Iterator[str]:
    """What the settings and records leave open, each in a sentence."""
    say, settings = catalogue()["findings"], found.config.settings
    if not settings.base_url.startswith("https://"):
        yield say["http"]
    if not settings.contact:
        yield say["contact"]
    if "admin" not in settings.second_factor.split(","):
        yield say["factor"]
    if found.wide:
        yield say["wide"].format(count=len(found.wide), names=_joined(found.wide[:MOST_NAMES]))
    if found.overdue:
        yield say["late"].format(count=found.overdue)


def paper(found: Assessed) -> bytes:
    """The paper as docx."""
    say, values = catalogue(), _values(found)
    document = Official(say["title"], office=f"{values['county']}{say['office']}", date=values["day"])
    document.text(say["note"])
    bodies = (_about, _lawful, _data, _risks, _findings, _conclusion)
    for heading, body in zip(say["sections"], bodies, strict=True):
        document.heading(heading)
        body(document, found, values)
    return document.save()


def _about(document: Official, found: Assessed, values: Mapping[str, Any]) -> None:
    for line in catalogue()["about"]:
        document.text(line.format(**values))


def _lawful(document: Official, found: Assessed, values: Mapping[str, Any]) -> None:
    for line in catalogue()["lawful"]:
        document.text(line.format(**values))
    say, feeds = catalogue()["sources"], found.config.feeds
    rows = [(one.source, one.kind, one.purpose, one.legal_basis) for one in feeds[:MOST_SOURCES]]
    if rows:
        document.table(say["head"], rows, WIDTHS["sources"])
    if len(feeds) > MOST_SOURCES or not rows:
        document.text(say["more"].format(more=len(feeds) - MOST_SOURCES) if rows else say["empty"])


def _data(document: Official, found: Assessed, values: Mapping[str, Any]) -> None:
    say = catalogue()["data"]
    rows = [(row["name"], row["kept"].format(**values), row["seen"]) for row in say["rows"]]
    document.table(say["head"], rows, WIDTHS["data"])
    document.text(say["none_say"])


def _risks(document: Official, found: Assessed, values: Mapping[str, Any]) -> None:
    say = catalogue()["risks"]
    document.table(say["head"], say["rows"], WIDTHS["risks"])


def _findings(document: Official, found: Assessed, values: Mapping[str, Any]) -> None:
    told = list(findings(found)) or [catalogue()["findings"]["none"]]
    for number, line in enumerate(told, 1):
        document.text(f"{number}. {line}" if len(told) > 1 else line)


def _conclusion(document: Official, found: Assessed, values: Mapping[str, Any]) -> None:
    for line in catalogue()["conclusion"]:
        document.text(line.format(**values))


def _values(found: Assessed) -> dict[str, Any]:
    say, settings = catalogue(), found.config.settings
    periods = {
        "passed": retention.PASSED.days, "rejected": retention.REJECTED.days, "messages": retention.MESSAGES.days,
        "originals": retention.ORIGINALS.days, "years": round(retention.FILE.days / 365),
        "looks": retention.LOOKS.days, "swaps": retention.SWAPS.days, "silences": retention.SILENCES.days,
    }  # fmt: skip
    each = say["kinds"]["account"]
    accounts = [each.format(name=say["roles"][one], count=count) for one, count in found.roles.items()]
    counts = {**found.counts, "originals_kept": found.counts["originals"]}
    return {
        **counts, **periods, "version": found.version, "county": found.config.county.name, "office": say["office"],
        "contact": settings.contact or say["unknown"], "day": found.day.isoformat(),
        "roles": _joined(accounts) or say["kinds"]["none"], "wishes": found.answered, "late": found.late,
        "models": _joined(found.models) or say["kinds"]["none"], "next": _later(found.day, 1).isoformat(),
        "kept_until": _later(found.day, 3).isoformat(),
    }  # fmt: skip


def _later(day: date, years: int) -> date:
    return day + timedelta(days=365 * years + years // 3)


def _joined(words: Sequence[str]) -> str:
    joint: str = catalogue()["joint"]
    return joint.join(words)
