"""`route`, `route-test`, `deadline`: who must act, why, and by when. Knows the parts it asks, decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands.opening import FIRST_YEAR, LAST_YEAR, configured, matrix_in_force
from monitor.commands.stream import Row, moment_from, post_from, run_filter

if TYPE_CHECKING:
    from monitor.clocks import Pause
    from monitor.model import Clock, County, Engagement, Facts, Grading, Level, Route
    from monitor.routing import Matrix

Policy = Annotated[str | None, typer.Option("--lead-policy", help="industry_first or hrss_first")]
Now = Annotated[str | None, typer.Option("--now", help="the moment to decide for, ISO 8601; else the post's, else now")]
MatrixFile = Annotated[
    Path | None, typer.Option("--matrix", help="another responsibility matrix than the packaged one")
]
CountyFile = Annotated[Path | None, typer.Option("--county", help="county.yaml (or XINSHAO_COUNTY)")]
File = Annotated[str | None, typer.Argument(help="JSON lines; none or -: stdin")]
ACK = "ack"  # how the contract calls the clock `acknowledge`


def register(app: typer.Typer) -> None:
    """Adds the commands of responsibility."""
    app.command("route")(route)
    app.command("route-test")(route_test)
    app.command("deadline")(deadline)


def route(
    file: File = None,
    lead_policy: Policy = None,
    now: Now = None,
    matrix: MatrixFile = None,
    county: CountyFile = None,
    area: Annotated[
        str | None, typer.Option("--area", help="division code of the area served, as `facts` takes it")
    ] = None,
) -> None:
    """Who must act on each post or line of facts: level, lead, co-handlers, calls, articles, reasons.

    Example: echo '{"id":"1","text":"锦禾苑18个人被拖欠工资32万6"}' | xinshao route --now 2026-01-08T09:00:00+08:00
    """
    from monitor.clocks import Calendar

    rules, place, calendar = matrix_in_force(matrix), _county(county), Calendar()
    policy, moment = _policy(lead_policy), _moment(now)

    def answer(row: Row) -> Row:
        found = _facts(row, place, area)
        level, decided = _decide(rules, found, row, place, calendar.campaign_days_left, policy, moment)
        return route_row(row["id"], level, decided)

    raise typer.Exit(run_filter(file, answer))


def route_row(identity: str, grading: Grading, decided: Route) -> dict[str, Any]:
    """A route as a line of the filter."""
    return {
        "id": identity,
        "level": grading.level.value,
        "level_reasons": list(grading.reasons),
        "lead": decided.lead,
        "co": list(decided.co),
        "notify_by_phone": list(decided.notify_by_phone),
        "hold": decided.hold,
        "articles": list(decided.articles),
        "reasons": list(decided.reasons),
        "ack_due": duration(decided.ack_due),
        "matrix": decided.matrix,
    }


def duration(span: timedelta) -> str:
    """As the matrix writes it: 10分钟, 2小时."""
    from monitor.clocks.limits import Limit

    minutes = int(span.total_seconds() // 60)
    return Limit("minutes", minutes).words if minutes % 60 else Limit("hours", minutes // 60).words


def _decide(
    rules: Matrix, found: Facts, row: Row, place: County, days_left: Any, policy: str | None, now: datetime | None
) -> tuple[Grading, Route]:
    from monitor.incidents.level import grade
    from monitor.routing import route as by_matrix

    moment = now or moment_from(row.get("published_at"), "published_at") or _clock()
    danger = row.get("life_risk") is True
    grading = grade(
        found,
        severity=rules.severity,
        life_risk=danger,
        engagement=_engagement(row),
        posts=_count(row.get("posts"), "posts") or 1,
        campaign_days_left=days_left(moment, place.campaigns),
    )
    return grading, by_matrix(rules, found, grading=grading, county=place, life_risk=danger, lead_policy=policy)


def _clock() -> datetime:
    from datetime import UTC

    return datetime.now(UTC)


# ------------------------------------------------------------------ lines in
def _facts(row: Row, place: County, area: str | None) -> Facts:
    """The facts of a line of `facts`, or those read from a post."""
    if not isinstance(row.get("id"), str):
        raise ValueError("a line needs `id`, a string")
    if isinstance(row.get("facts"), Mapping):
        return facts_from({"signs": row.get("signs"), **row["facts"]})
    if "text" not in row:
        raise ValueError("a line needs `facts`, or `text` as a post has it")
    from monitor.facts import read

    return read(post_from(row), place, area=area)


def facts_from(written: Mapping[str, Any]) -> Facts:
    """The object `facts` of the filter of that name -> Facts; ValueError names the key that is wrong."""
    from monitor.model import Facts

    traits, signs = _ids(written, "traits"), _ids(written, "signs")
    for key in ("employer", "project", "sector"):
        if written.get(key) is not None and not isinstance(written[key], str):
            raise ValueError(f"`{key}` must be a string or null")
    return Facts(
        workers=_count(written.get("workers"), "workers"),
        amount_yuan=_measure(written.get("amount_yuan"), "amount_yuan"),
        months=_measure(written.get("months"), "months"),
        employer=written.get("employer"),
        project=written.get("project"),
        place=_place(written.get("place")),
        sector=written.get("sector") or "unknown",
        traits=traits,
        signs=signs,
    )


def _ids(written: Mapping[str, Any], key: str) -> tuple[str, ...]:
    ids = written.get(key) or ()
    if not isinstance(ids, list | tuple) or not all(isinstance(one, str) for one in ids):
        raise ValueError(f"`{key}` must be a list of ids")
    return tuple(ids)


def _place(written: Any) -> Any:
    from monitor.model import Place

    if written is None:
        return None
    if not isinstance(written, Mapping):
        raise ValueError("`place` must be an object or null")
    for key in ("text", "code", "name", "level", "town"):
        if written.get(key) is not None and not isinstance(written[key], str):
            raise ValueError(f"`place.{key}` must be a string or null")
    if written.get("in_area") not in (True, False, None):
        raise ValueError("`place.in_area` must be true, false or null")
    return Place(
        text=written.get("text") or "",
        code=written.get("code"),
        name=written.get("name"),
        level=written.get("level"),
        in_area=written.get("in_area"),
        town=written.get("town"),
    )


def _count(value: Any, key: str) -> int | None:
    number = _measure(value, key)
    return None if number is None else int(number)


def _measure(value: Any, key: str) -> float | None:
    import math

    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"`{key}` must be a number from 0 or null")
    return float(value)


def _engagement(row: Row) -> Engagement | None:
    from monitor.model import Engagement

    written = row.get("engagement")
    if written is None:
        return None
    if not isinstance(written, Mapping):
        raise ValueError("`engagement` must be an object or null")
    return Engagement(**{key: _count(written.get(key), key) for key in ("views", "likes", "comments", "reposts")})


def _county(path: Path | None) -> County:
    from monitor.config import NOWHERE, read_county

    chosen = path or configured("county")
    return read_county(chosen) if chosen else NOWHERE


def _policy(value: str | None) -> str | None:
    from monitor.routing.matrix import POLICIES

    if value is not None and value not in POLICIES:
        raise typer.BadParameter(f"one of {', '.join(POLICIES)}", param_hint="--lead-policy")
    return value


def _moment(value: str | None) -> datetime | None:
    try:
        return moment_from(value, "--now")
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="--now") from problem


# ------------------------------------------------------------------ route-test
KEYS = {
    "sector": "id of the matrix", "traits": "ids, comma-separated", "signs": "ids, comma-separated",
    "workers": "people", "amount_yuan": "yuan",
    "months": "months", "employer": "name", "project": "name", "town": "the county's town", "in_area": "yes or no",
    "views": "count", "reposts": "count", "posts": "accounts that report it", "life_risk": "yes or no",
}  # fmt: skip
SHORT = {"amount": "amount_yuan"}  # as people write it
YES_NO = {"yes": True, "true": True, "是": True, "no": False, "false": False, "否": False}


def route_test(
    given: Annotated[list[str], typer.Argument(help="KEY=VALUE: " + ", ".join(f"{k} ({v})" for k, v in KEYS.items()))],
    lead_policy: Policy = None,
    now: Now = None,
    matrix: MatrixFile = None,
    county: CountyFile = None,
) -> None:
    """Who would receive such an incident, by when, under which law, and why.

    Example: xinshao route-test sector=building_municipal traits=employer_fled workers=23 amount_yuan=240000 town=柳溪镇
    """
    from monitor.clocks import Calendar
    from monitor.routing.decide import town_of
    from monitor.routing.duty import Duty
    from monitor.routing.explain import explain

    rules, place, calendar = matrix_in_force(matrix), _county(county), Calendar()
    row = _asked(given, rules)
    try:
        found, moment = facts_from(row["facts"]), _moment(now) or _clock()
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from problem
    grading, decided = _decide(rules, found, row, place, calendar.campaign_days_left, _policy(lead_policy), moment)
    clocks = _started(grading.level, moment, calendar.campaign(moment, place.campaigns) is not None)
    duty = Duty(matrix=rules, county=place, now=moment).of_town(town_of(found))
    typer.echo(explain(duty, grading, decided, clocks))


def _asked(given: list[str], rules: Matrix) -> dict[str, Any]:
    """The words of the command line as a line of the filter; exit 2 lists every wrong one."""
    from monitor.model import SIGNS

    values, faults = dict[str, str](), []
    for word in given:
        key, _, value = word.partition("=")
        key = SHORT.get(key, key)
        if key not in KEYS or not value:
            faults.append(f"{word!r} is not KEY=VALUE with KEY one of {', '.join(KEYS)}")
        values[key] = value
    traits, signs = ([one for one in values.get(key, "").split(",") if one] for key in ("traits", "signs"))
    faults += [f"unknown sign {one!r}; one of {', '.join(SIGNS)}" for one in signs if one not in SIGNS]
    faults += [f"unknown trait {one!r}" for one in traits if one not in rules.traits]
    if values.get("sector", "unknown") not in rules.sectors:
        faults.append(f"unknown sector {values['sector']!r}; one of {', '.join(rules.sectors)}")
    numbers = dict[str, float]()
    for key in ("workers", "amount_yuan", "months", "views", "reposts", "posts"):
        try:
            numbers |= {key: float(values[key])} if key in values else {}
        except ValueError:
            faults.append(f"{key}={values[key]!r} is not a number")
    said = {key: YES_NO.get(values[key].casefold()) for key in ("in_area", "life_risk") if key in values}
    faults += [f"{key} is yes or no" for key, answer in said.items() if answer is None]
    if faults:
        raise typer.BadParameter("; ".join(faults))
    inside = said.get("in_area")
    place = {"text": values.get("town", ""), "town": values.get("town"), "in_area": inside}
    facts = {key: numbers.get(key) for key in ("workers", "amount_yuan", "months")}
    words = {key: values.get(key) for key in ("employer", "project", "sector")}
    return {
        "id": "route-test",
        "facts": {
            **facts,
            **words,
            "traits": traits,
            "signs": signs,
            "place": place if "town" in values or inside is not None else None,
        },
        "engagement": {"views": numbers.get("views"), "reposts": numbers.get("reposts")},
        "posts": numbers.get("posts"),
        "life_risk": said.get("life_risk", False),
    }


def _started(level: Level, opened: datetime, campaign: bool) -> tuple[Clock, ...]:
    from monitor.clocks import Calendar, start_clocks

    return start_clocks(level, opened, calendar=Calendar(), campaign=campaign)


# ------------------------------------------------------------------ deadline
def deadline(file: File = None) -> None:
    """Every clock of an incident: when it is due, on which basis, and the days that did not count.

    Example: echo '{"id":"1","level":"yellow","opened_at":"2026-02-12T09:00:00+08:00","pauses":[],"campaign":true}' |
    xinshao deadline
    """
    from monitor.clocks import Calendar

    calendar = Calendar()
    raise typer.Exit(run_filter(file, lambda row: _deadlines(row, calendar)))


def _deadlines(row: Row, calendar: Any) -> Row:
    from monitor.clocks import outer_limits, start_clocks
    from monitor.model import Level

    if not isinstance(row.get("id"), str) or not isinstance(row.get("opened_at"), str):
        raise ValueError("a line needs `id`, `level` and `opened_at`, all strings")
    if row.get("level") not in list(Level):
        raise ValueError(f"`level` is one of {', '.join(Level)}, not {row.get('level')!r}")
    if not isinstance(row.get("campaign"), bool | None):
        raise ValueError("`campaign` must be true or false")
    level, opened = Level(row["level"]), moment_from(row["opened_at"], "opened_at")
    if opened is None:
        raise ValueError("`opened_at` is empty: when was the incident opened?")
    if not FIRST_YEAR <= opened.year <= LAST_YEAR:
        raise ValueError(f"`opened_at` lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    clocks = start_clocks(
        level, opened, calendar=calendar, campaign=row.get("campaign") is True, pauses=_pauses(row.get("pauses"))
    )
    return {
        "id": row["id"],
        "level": level.value,
        "opened_at": _local(opened),
        "campaign": row.get("campaign") is True,
        "clocks": [_clock_row(clock) for clock in clocks],
        "statutory": [_clock_row(clock) for clock in outer_limits(level, opened, calendar=calendar)],
    }


def _clock_row(clock: Clock) -> dict[str, Any]:
    from monitor.clocks import clock_name

    return {
        "id": ACK if clock.name == "acknowledge" else clock.name,
        "name": clock.name,
        "label": clock_name(clock.name),
        "due_at": _local(clock.due_at),
        "basis": clock.basis,
        "skipped": [_skipped(one) for one in clock.skipped],
    }


def _skipped(written: str) -> dict[str, str]:
    """`2026-02-15 春节放假` -> the day and its reason; a pause within a running limit has no day."""
    day, _, why = written.partition(" ")
    return (
        {"day": day, "reason": why}
        if day[:4].isdigit() and len(day) == 10 and "暂停" not in day
        else {"reason": written}
    )


def _local(moment: datetime) -> str:
    from monitor.text import SHANGHAI

    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def _pauses(written: Any) -> list[Pause]:
    if written is None:
        return []
    if not isinstance(written, list) or not all(isinstance(one, Mapping) for one in written):
        raise ValueError("`pauses` must be a list of objects")
    found: list[Pause] = []
    for number, one in enumerate(written):
        start = moment_from(one.get("from"), f"pauses[{number}].from")
        if start is None or not isinstance(one.get("reason"), str):
            raise ValueError(f"`pauses[{number}]` needs `from` and `reason`")
        found.append((start, moment_from(one.get("to"), f"pauses[{number}].to"), one["reason"]))
    return found
