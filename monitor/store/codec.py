"""Between the types of the model and stored JSON. Knows no query.

Facts keep their spans as offsets only: the words stand in the post, so that erasing the post erases them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from classifiers.verdict import Assessment, Flag, Kind, Reason, full_text
from monitor.model import (
    Engagement,
    Facts,
    Incident,
    IncidentState,
    Level,
    Place,
    Post,
    Reading,
    Route,
    Span,
    Verification,
)

Row = Mapping[str, Any]


def facts_json(facts: Facts, *, spans: bool = True) -> dict[str, Any]:
    """Facts as stored; without spans for an incident, whose facts come from many posts."""
    place = facts.place
    return {
        "workers": facts.workers,
        "amount_yuan": facts.amount_yuan,
        "months": facts.months,
        "employer": facts.employer,
        "project": facts.project,
        "place": None if place is None else asdict(place),
        "sector": facts.sector,
        "traits": list(facts.traits),
        "signs": list(facts.signs),
        "missing": list(facts.missing),
        "doubts": list(facts.doubts),
        "spans": {key: [[span.start, span.end] for span in found] for key, found in facts.spans.items()}
        if spans
        else {},
    }


def facts_from(stored: Row, text: str = "") -> Facts:
    """Facts as they were; `text` is the post's full text, from which the spans get their words back."""
    place = stored.get("place")
    return Facts(
        workers=stored.get("workers"),
        amount_yuan=stored.get("amount_yuan"),
        months=stored.get("months"),
        employer=stored.get("employer"),
        project=stored.get("project"),
        place=Place(**place) if place else None,
        sector=stored.get("sector") or "unknown",
        traits=tuple(stored.get("traits") or ()),
        signs=tuple(stored.get("signs") or ()),
        missing=tuple(stored.get("missing") or ()),
        doubts=tuple(stored.get("doubts") or ()),
        spans={
            key: tuple(Span(start, end, text[start:end]) for start, end in found)
            for key, found in (stored.get("spans") or {}).items()
        },
    )


def reasons_json(assessment: Assessment) -> list[list[Any]]:
    """The deciding words as offsets and weights; the words themselves stand in the post."""
    return [[reason.start, reason.end, round(reason.weight, 4)] for reason in assessment.reasons]


def reading_from(row: Row, engagement: Engagement | None = None) -> Reading:
    """A stored post as it was read; the author's name was never kept."""
    text = full_text(row["title"], row["text"])
    post = Post(
        id=row["id"],
        text=row["text"],
        title=row["title"],
        platform=row["platform"],
        url=row["url"],
        published_at=row["published_at"],
        engagement=engagement,
        native_id=row["native_id"],
        feed=row["feed"],
        fetched_at=row["fetched_at"],
    )
    assessment = Assessment(
        flag=Flag(row["flag"]),
        score=row["score"],
        kind=Kind(row["kind"]),
        life_risk=row["life_risk"],
        model=row["model"],
        reasons=tuple(Reason(text[start:end], start, end, weight) for start, end, weight in row["reasons"]),
        perhaps_life_risk=row["perhaps_life_risk"],
    )
    return Reading(post, assessment, facts_from(row["facts"], text))


def incident_from(row: Row) -> Incident:
    """The incident in a row of the table `incidents`."""
    return Incident(
        id=row["id"],
        version=row["version"],
        state=IncidentState(row["state"]),
        verification=Verification(row["verification"]),
        level=Level(row["level"]),
        level_reasons=tuple(row["level_reasons"]),
        facts=facts_from(row["facts"]),
        title=row["title"],
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        lead=row["lead"],
        co=tuple(row["co"]),
        posts=row["posts"],
        life_risk=row["life_risk"],
        merged_into=row["merged_into"],
        closed_at=row["closed_at"],
        close_code=row["close_code"],
    )


def route_json(route: Route) -> dict[str, Any]:
    """A route as stored with the incident; `ack_due` in seconds."""
    return {**asdict(route), "ack_due": route.ack_due.total_seconds()}


def route_from(stored: Row) -> Route:
    """The route as it was decided."""
    lists = {key: tuple(stored.get(key) or ()) for key in ("co", "notify_by_phone", "articles", "reasons")}
    return Route(
        lead=stored["lead"],
        hold=bool(stored.get("hold")),
        ack_due=timedelta(seconds=stored.get("ack_due") or 0),
        matrix=stored.get("matrix") or "",
        **lists,
    )
