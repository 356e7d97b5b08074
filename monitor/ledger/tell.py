"""What a transaction's changes mean for people: messages decided, queued or set aside, in the same transaction.

Knows the store's rows and hands them to monitor.routing.notifications, which decides; composes and sends nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from monitor.ledger.behind import hint_letter, letter, told_signals
from monitor.ledger.case import Case
from monitor.ledger.desk import Desk, Telling
from monitor.ledger.standing import catalogue
from monitor.model import Act, Change, Level, Notification, Occasion, Span
from monitor.routing import lives as life_rules
from monitor.routing.budget import Queued, ration
from monitor.routing.duty import Duty
from monitor.routing.letter import Excerpt, Known
from monitor.routing.lives import PATIENCE, Waiting
from monitor.routing.notifications import Decision, Withheld, decide
from monitor.routing.policy import Policy, Silence
from monitor.routing.roster import shift_from, swap_from
from monitor.store import incidents, lives, outbox, posts, shifts, tokens
from monitor.text import SHANGHAI

Row = dict[str, Any]
LINK_DAYS = timedelta(days=7)
ASKS = {
    Occasion.DRILL,
    Occasion.FIRST,
    Occasion.RAISED,
    Occasion.UNACKNOWLEDGED,
    Occasion.REASSIGNED,
    Occasion.REOPENED,
    Occasion.CALLED_IN,
}
TELLS_FUNDS = {*ASKS, Occasion.OVERDUE, Occasion.OVERDUE_TWICE} - {Occasion.DRILL}
_OVER = {Occasion.FIRST: 0, Occasion.REOPENED: 1, Occasion.RAISED: 2, Occasion.JOINED: 3}  # the stronger tells both


def tell_all(desk: Desk, now: datetime) -> dict[str, int]:
    """Queues what is due for everything that happened in the transaction; returns new messages per incident."""
    if not desk.tellings:
        return {}
    duty, silences = on_duty(desk, now), tuple(map(_silence, shifts.silences_at(desk.c, now)))
    calls, wanted = list[Notification](), list[Notification]()
    told = {telling.case.id: 0 for telling in desk.tellings}
    links: list[Row] = []
    shown, named = posts.excerpts_in(desk.c, told), posts.ids_in(desk.c, told)
    for telling in _grouped(desk.tellings):
        decision = _decide(desk, telling, duty, silences, shown.get(telling.case.id, []))
        known = {"about": telling.case.row["representative"], "posts_told": named.get(telling.case.id, [])}
        if decision.send and telling.happened.occasion in TELLS_FUNDS:
            known["funds"] = letter(
                desk.c, telling.case.row, register=desk.county.register, matrix=desk.matrix, calendar=desk.calendar,
                now=now, others=False,
            )  # fmt: skip
            known["signals"] = hint_letter(desk.c, telling.case.row, register=desk.county.register, now=now)
        wanted += [_with_link(desk, telling, one, known, now, links) for one in decision.send]
        calls += decision.calls
        outbox.set_aside(desk.c, [_kept_back(one) for one in decision.withheld], now)
    tokens.add_new(desk.c, links)
    incident_of = {message.key: message.incident for message in wanted}
    for key in outbox.queue(desk.c, _rationed(desk, wanted, now), now):
        told[incident_of[key] or ""] += 1
    outbox.queue(desk.c, calls, now)
    desk.tellings.clear()
    return told


def _rationed(desk: Desk, wanted: Sequence[Notification], now: datetime) -> Sequence[Notification]:
    """What may go out within everybody's budget of the day, red first; the rest is put aside for the digest."""
    midnight = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    spent, budget = outbox.sent_since(desk.c, midnight), (desk.policy or Policy()).budget
    known = outbox.known(desk.c, [message.key for message in wanted])
    shared = ration(wanted, spent=spent, budget=budget, exempt=known)
    if shared.aside:  # seldom: what has not left yet may make room
        crowded = {one.notification.recipient for one in shared.aside}
        rows = outbox.waiting(desk.c, crowded, midnight)
        queued = [Queued(row["key"], row["recipient"], list(Level)[row["level"]]) for row in rows]
        shared = ration(wanted, spent=spent, budget=budget, exempt=known, queued=queued)
    outbox.divert(desk.c, dict(shared.displaced))
    outbox.set_aside(desk.c, [(one.notification, one.reason) for one in shared.aside], now)
    return shared.send


def lives_waiting(desk: Desk, now: datetime) -> list[Waiting]:
    """Posts of the last day that tell of danger to life and wait for a person."""
    rows = lives.waiting(desk.c, now - timedelta(days=1))
    return [Waiting(excerpt(row), row["recorded_at"], row["score"]) for row in rows]


def perhaps_waiting(desk: Desk, now: datetime) -> list[Waiting]:
    """Posts of the last day that perhaps tell of it, and that nobody has looked at for as long as is borne."""
    rows = lives.perhaps(desk.c, now - timedelta(days=1), now - PATIENCE)
    return [Waiting(excerpt(row), row["recorded_at"], row["score"], row["incident"]) for row in rows]


def tell_lives(desk: Desk, now: datetime) -> int:
    """Queues what the duty desk must hear of them now; returns how many messages are new."""
    duty = on_duty(desk, now)
    found = life_rules.notify(lives_waiting(desk, now), duty, desk.policy)
    found += life_rules.notify_perhaps(perhaps_waiting(desk, now), duty, desk.policy)
    return len(outbox.queue(desk.c, found, now))


def tell_silenced(desk: Desk, now: datetime) -> int:
    """After a silence has ended: who has still not answered is told again; returns how many incidents that were.

    A first message is sent once: kept back, it would never reach anybody. Who had it is not told twice.
    """
    total = 0
    for silence in shifts.silences_over(desk.c, now):
        if not shifts.released(desk.c, silence["id"]):
            continue
        reason = str(catalogue()["told"]["silence_over"]).format(number=silence["id"], author=silence["author"])
        for incident in shifts.silenced_incidents(desk.c, silence["id"], silence["starts_at"]):
            case = desk.case(incident)
            if case.row["state"] in incidents.OPEN_STATES and any(row["state"] == "sent" for row in case.assignments):
                total += 1
                desk.tell(case, Occasion.FIRST, reason)
                change = Change(act=Act.NOTE, at=now, reason=reason, incident=incident)
                entry = {"input": {"silence": silence["id"]}, "posts": [], "set": {}}
                desk.log(change, incident, case.row["version"], entry)
    return total


def _kept_back(one: Withheld) -> tuple[Notification, str]:
    """What did not go out, with its reason; the number of the silence that kept it back stays with it."""
    return replace(one.notification, data={**one.notification.data, "silence": one.silence}), one.reason


def _grouped(tellings: Sequence[Telling]) -> list[Telling]:
    """One of a kind per incident, the last; a first message also says what joined and rose in the same moment."""
    last: dict[tuple[str, str], Telling] = {}
    for telling in tellings:
        said = telling.happened
        last[telling.case.id, f"{said.occasion.value}:{said.clock}:{said.called}"] = telling
    best: dict[str, int] = {}
    for telling in last.values():
        rank = _OVER.get(telling.happened.occasion)
        if rank is not None:
            best[telling.case.id] = min(rank, best.get(telling.case.id, rank))
    told = {case for case, rank in best.items() if rank <= _OVER[Occasion.RAISED]}  # the whole case, newly called too
    return [
        one for one in last.values()
        if _OVER.get(one.happened.occasion, -1) in (-1, best.get(one.case.id))
        and not (one.happened.occasion is Occasion.CALLED_IN and one.case.id in told)
    ]  # fmt: skip


def _decide(desk: Desk, telling: Telling, duty: Duty, silences: Sequence[Silence], rows: Sequence[Row]) -> Decision:
    case = telling.case
    known = Known(
        incident=case.incident(), route=case.route, clocks=case.clock_list(running=True),
        excerpts=[excerpt(row) for row in rows] or _invented(case),
        evidence={row["evidence"]: f"/incidents/{case.id}#post-{row['id']}" for row in rows if row["evidence"]},
    )  # fmt: skip
    return decide(known, telling.happened, duty, policy=desk.policy, silences=silences)


def _invented(case: Case) -> list[Excerpt]:
    """What a drill gives to read; nothing for a real case."""
    told = case.row["closeout"].get("drill")
    return [Excerpt(post="", text=told["text"])] if told else []


def excerpt(row: Row) -> Excerpt:
    """A post as a message may show it: the masked text, and the deciding words found again in it."""
    title, text = row["masked_title"], row["masked_text"]
    masked, published = (
        f"{title}\n{text}" if title else text,
        f"{row['title']}\n{row['text']}" if row["title"] else row["text"],
    )
    spans = []
    for start, end, weight in row["reasons"]:
        word = published[start:end]
        at = masked.find(word) if weight > 0 and word else -1
        if at >= 0:
            spans.append(Span(at, at + len(word), word))
    return Excerpt(
        post=row["id"],
        text=masked,
        platform=row["platform"],
        url=row["url"],
        published_at=row["published_at"],
        reasons=tuple(spans),
    )


def _with_link(
    desk: Desk, telling: Telling, message: Notification, known: Row, now: datetime, links: list[Row]
) -> Notification:
    """Adds how far the incident has gone as a whole, what the message is about apart from its number (so that it is
    known again after a restore) and, where an answer is asked for, the one-time link, which is put into `links`."""
    case, data = telling.case, {**message.data, **known}
    if data.get("fact_sheet"):  # a party to the case is not told what will be looked into
        data.pop("funds", None)
    if data.get("fact_sheet") or message.department not in told_signals(case.row["lead"]):
        data.pop("signals", None)
    reach = case.reach(desk.c)
    data["spread"] = {
        "posts": case.row["posts"], "views": reach.views, "comments": reach.comments, "reposts": reach.reposts,
    }  # fmt: skip
    if message.channel == "mail" and telling.happened.occasion in ASKS and _waits(case, message.department):
        data["token"] = token_id(desk.key, message.key)
        row = {"id": data["token"], "incident": case.id, "department": message.department, "purpose": "acknowledge"}
        links.append({**row, "expires_at": now + LINK_DAYS, "used_at": None, "recipient": message.recipient})
    return replace(message, data=data)


def _waits(case: Case, department: str | None) -> bool:
    return any(row["department"] == department and row["state"] == "sent" for row in case.assignments)


def token_id(key: bytes, notification: str) -> str:
    """The one-time link of a message (HMAC-SHA256): the same message has the same one, and nobody can guess it."""
    return hmac.new(key, f"link\x00{notification}".encode(), hashlib.sha256).hexdigest()[:40]


def on_duty(desk: Desk, now: datetime) -> Duty:
    """Whom a department is reached through now: read once a transaction."""
    today = now.astimezone(SHANGHAI).date()
    day = desk.calendar.day(today)
    return Duty(
        matrix=desk.matrix, county=desk.county, now=now,
        shifts=tuple(map(shift_from, shifts.on_duty(desk.c, now))),
        swaps=tuple(map(swap_from, shifts.swaps_at(desk.c, now))),
        days_off={} if day.works else {today: day.why},
    )  # fmt: skip


def _silence(row: Row) -> Silence:
    return Silence(
        author=row["author"],
        reason=row["reason"],
        until=row["until"],
        number=row["id"],
        incident=row["incident"],
        department=row["department"],
        occasions=tuple(Occasion(one) for one in row["occasions"]),
    )
