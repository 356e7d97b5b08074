"""What a message tells: everything a template needs, as plain JSON values, so that composing reads no store.

A department that stands near the party complained of gets the fact sheet only: no excerpt, no link, no evidence. Texts
are masked before they come here; authors are never among the values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.model import Clock, Contact, Facts, Incident, Occasion, Route, Span
from monitor.routing.matrix import Matrix
from monitor.routing.wording import label
from monitor.text import SHANGHAI


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """One post of the incident as a mail may show it: masked, with the spans the verdict rests on."""

    post: str
    text: str  # masked
    platform: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    reasons: tuple[Span, ...] = ()  # offsets into `text`
    views: int | None = None
    comments: int | None = None
    reposts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An incident with what a message may show of it. `evidence`: label -> address of stored evidence."""

    incident: Incident
    route: Route
    clocks: Sequence[Clock] = ()
    excerpts: Sequence[Excerpt] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What a message is about.

    `reason`: in words, goes into the mail. `clock`, `step`: the clock a reminder is about, and how often one was given
    before (0 first). `previous_lead`: the department an assignment moved from. `called`: the one department that is
    newly called in.
    """

    occasion: Occasion
    reason: str = ""
    clock: str = ""
    step: int = 0
    previous_lead: str | None = None
    called: str = ""


Phones = Mapping[str, Sequence[Contact]]  # department -> whom to call, in order


def tell(
    known: Known, matrix: Matrix, *, phones: Phones, unreachable: Sequence[str] = (), fact_sheet: bool = False
) -> dict[str, Any]:
    """The values of one incident for a template. `fact_sheet`: without excerpts, links and evidence.

    `unreachable`: departments that nobody can write to.
    """
    incident, route = known.incident, known.route
    shown = () if fact_sheet else known.excerpts
    evidence = {} if fact_sheet else known.evidence
    return {
        "incident": incident.id,
        "version": incident.version,
        "title": incident.title,
        "state": incident.state.value,
        "verification": incident.verification.value,
        "level": incident.level.value,
        "level_name": label("levels", incident.level.value),
        "level_reasons": list(incident.level_reasons),
        "life_risk": incident.life_risk,
        "opened_at": local(incident.opened_at),
        "facts": facts_told(incident.facts, matrix),
        "missing": list(incident.facts.missing),
        "excerpts": [excerpt_told(one) for one in shown],
        "spread": _spread(incident, known.excerpts),
        "lead": _named(matrix, incident.lead),
        "co": [_named(matrix, one) for one in incident.co],
        "notify_by_phone": [_called(matrix, one, phones) for one in route.notify_by_phone],
        "to_call": [_called(matrix, one, phones) for one in unreachable],
        "hold": route.hold,
        "route_reasons": list(route.reasons),
        "articles": [{"id": one, "text": matrix.cite(one)} for one in route.articles],
        "matrix": route.matrix,
        "clocks": [clock_told(one) for one in known.clocks],
        "evidence": [{"label": name, "url": url} for name, url in evidence.items()],
        "fact_sheet": fact_sheet,
    }


def facts_told(facts: Facts, matrix: Matrix) -> dict[str, Any]:
    """Facts by name, sector and traits in words."""
    sector = matrix.sectors.get(facts.sector, matrix.sectors["unknown"])
    place = facts.place
    return {
        "workers": facts.workers,
        "amount_yuan": facts.amount_yuan,
        "months": facts.months,
        "employer": facts.employer,
        "project": facts.project,
        "place": (place.name or place.text) if place else None,
        "town": place.town if place else None,
        "in_area": place.in_area if place else None,
        "sector": sector.id,
        "sector_name": sector.name,
        "traits": [{"id": one, "name": matrix.traits[one].name} for one in facts.traits if one in matrix.traits],
    }


def clock_told(clock: Clock) -> dict[str, Any]:
    """A clock in words and Shanghai time."""
    return {
        "name": clock.name,
        "label": label("clocks", clock.name),
        "due_at": local(clock.due_at),
        "done_at": local(clock.done_at),
        "basis": clock.basis,
        "skipped": list(clock.skipped),
    }


def local(moment: datetime | None) -> str | None:
    """ISO 8601 with the offset of Asia/Shanghai."""
    return None if moment is None else moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _named(matrix: Matrix, department: str) -> dict[str, str]:
    return {"id": department, "name": matrix.name_of(department)}


def _called(matrix: Matrix, department: str, phones: Phones) -> dict[str, Any]:
    """A department and its phone tree."""
    people = [{"name": one.name, "phone": one.phone} for one in phones.get(department, ())]
    return {**_named(matrix, department), "contacts": people}


def excerpt_told(one: Excerpt) -> dict[str, Any]:
    """A post in a message: masked text, where it stood, the deciding words."""
    return {
        "post": one.post,
        "text": one.text,
        "platform": one.platform,
        "url": one.url,
        "published_at": local(one.published_at),
        "reasons": [{"start": span.start, "end": span.end, "text": span.text} for span in one.reasons],
    }


def _spread(incident: Incident, excerpts: Sequence[Excerpt]) -> dict[str, int | None]:
    return {
        "posts": incident.posts,
        "views": _total(one.views for one in excerpts),
        "comments": _total(one.comments for one in excerpts),
        "reposts": _total(one.reposts for one in excerpts),
    }


def _total(counts: Iterable[int | None]) -> int | None:
    """The sum over posts of what platforms say; None where none says."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
