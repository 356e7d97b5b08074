"""How long things are kept, and erasing one post wherever it left a trace. Knows the tables that hold texts.

Passed posts 7 days, rejected candidates 30 days (网络数据安全管理条例 24), contents of messages 90 days, silences
that are over 400 days, swaps and other offices' lists of debts 800, who opened which case three years, and so what
people asked about data held on them. Of a case that is over, the words as published 90 days (what may name people and
how to reach them; the masked words stay), its file three years, as long as pay lists are kept
(保障农民工工资支付条例 15). Decisions about posts stay in the ledger, without texts; so do the acts of duty. With a
swap goes what its ledger rows carried of it (names, mail, phone): their digests stay, so the chain stays whole, and a
row of the ledger says that it was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, Text, cast, delete, func, or_, select, update

from monitor.store import ledger
from monitor.store.done import detail, put
from monitor.store.parts import parts
from monitor.store.schema import (
    evidence,
    files,
    incidents,
    judged,
    links,
    listed,
    lists,
    looks,
    observations,
    outbox,
    polls,
    posts,
    sessions,
    signatures,
    silences,
    swaps,
    tokens,
    visits,
    wishes,
)

PASSED = timedelta(days=7)
REJECTED = timedelta(days=30)
MESSAGES = timedelta(days=90)
POLLS = timedelta(days=400)
ORIGINALS = timedelta(days=90)  # after a case is over: then only masked words are kept
FILE = timedelta(days=3 * 365 + 1)  # after a case is over: its posts, pages and proofs
SILENCES = timedelta(days=400)  # past their end: the year's report tells what was kept back, and why
# Past their end. No law says how long a duty roster is kept; claims for pay lapse a year after employment ends at the
# latest (劳动争议调解仲裁法 27; it does not bind officials), so two years and a quarter is this project's own choice.
SWAPS = timedelta(days=800)
VISITS = timedelta(days=800)  # after a firm was looked into
LISTS = timedelta(days=800)  # past the last day they speak for: two winters can be compared
LOOKS = timedelta(days=3 * 365 + 31)  # who opened which case: the public page promises three years at least
WISHES = timedelta(days=3 * 365 + 1)  # past the answer: as long as an assessment of impact (个人信息保护法 56)
PURGE_REASON = "period of retention is over"
HIDDEN = "[已遮蔽]"
PURGED = "purged until:"  # in `done`, with the table's name


def purge(c: Connection, now: datetime) -> dict[str, int]:
    """Forgets what its time has come for; returns how many of each. Evidence has its own purge (store.evidence)."""
    passed = (posts.c.flag == "pass") & posts.c.review.is_(None) & (posts.c.recorded_at < now - PASSED)
    unaudited = (posts.c.flag == "pass") & (posts.c.review == "audit") & (posts.c.recorded_at < now - REJECTED)
    rejected = (posts.c.review == "dismissed") & (posts.c.reviewed_at < now - REJECTED)
    counts = {
        "passed": _drop_posts(c, passed),
        "rejected": _drop_posts(c, or_(rejected, unaudited)),
        "sessions": c.execute(delete(sessions).where(sessions.c.expires_at < now)).rowcount,
        "links": c.execute(delete(tokens).where(tokens.c.expires_at < now - MESSAGES)).rowcount,
        "polls": c.execute(delete(polls).where(polls.c.at < now - POLLS)).rowcount,
    }
    counts["originals"] = _forget_originals(c, now)
    counts["silences"] = _drop_over(c, silences, silences.c.until, now, SILENCES, silences.c.released.is_(True))
    counts["swaps"] = _forget_swaps(c, now)
    counts["visits"] = _drop_over(c, visits, visits.c.at, now, VISITS)
    counts["lists"] = _forget_lists(c, now)
    counts["wishes"] = _drop_over(c, wishes, wishes.c.answered_at, now, WISHES)
    counts["looks"] = c.execute(delete(looks).where(looks.c.last_at < now - LOOKS)).rowcount
    sent = (outbox.c.state.in_(("sent", "digest", "told", "failed")), outbox.c.created_at < now - MESSAGES)
    bodies = update(outbox).where(*sent, cast(outbox.c.data, Text) != "{}").values(data={})
    counts["messages"] = c.execute(bodies).rowcount
    return counts


def _over(now: datetime, period: timedelta) -> Select[tuple[str]]:
    """Incidents that have been over for so long: closed, or dismissed, with nothing recorded since."""
    ended = func.coalesce(incidents.c.closed_at, incidents.c.updated_at)
    return select(incidents.c.id).where(incidents.c.state.in_(("closed", "dismissed")), ended < now - period)


def _forget_originals(c: Connection, now: datetime) -> int:
    """The words as published of cases that are over; masked words, address and evidence stay with the file."""
    told = or_(posts.c.text != posts.c.masked_text, posts.c.title.is_distinct_from(posts.c.masked_title))
    plain = update(posts).where(posts.c.incident.in_(_over(now, ORIGINALS)), told)
    return c.execute(plain.values(text=posts.c.masked_text, title=posts.c.masked_title)).rowcount


def files_over(c: Connection, now: datetime, limit: int = 200) -> list[str]:
    """Posts of cases whose file need not be kept any longer; `monitor.ledger.erase` is who erases them."""
    query = select(posts.c.id).where(posts.c.incident.in_(_over(now, FILE)), posts.c.masked_text != "")
    return list(c.execute(query.order_by(posts.c.id).limit(limit)).scalars())


def forget_proofs(c: Connection, now: datetime) -> int:
    """Payment slips and other proofs of such cases: bytes and names go, the digests that the ledger holds stay."""
    gone = update(files).where(files.c.incident.in_(_over(now, FILE)), files.c.body != b"")
    return c.execute(gone.values(body=b"", name=files.c.purpose)).rowcount


def _forget_swaps(c: Connection, now: datetime) -> int:
    """Swaps whose period is over, in their table and in the ledger."""
    before = set(c.execute(select(swaps.c.id)).scalars())
    gone = _drop_over(c, swaps, swaps.c.ends_at, now, SWAPS)
    if not gone:
        return 0
    ledger.hold(c)
    lost = before - set(c.execute(select(swaps.c.id)).scalars())
    told = [seq for seq, given in ledger.inputs(c, "roster") if "swap" in given and given.get("number") in lost]
    for seq in told:
        ledger.erase_data(c, seq)
    data = {"input": {"forgotten": "swaps", "numbers": sorted(lost), "rows": told}, "posts": []}
    row = {"incident": None, "version": None, "act": "note", "actor": "machine", "at": now, "reason": PURGE_REASON}
    ledger.append(c, [{**row, "data": data}])
    return gone


def _forget_lists(c: Connection, now: datetime) -> int:
    """Other offices' lists with their rows and what was said of these; the ledger holds no more of them than a digest.

    The last stays, so that SQLite does not give its number again.
    """
    until = now - LISTS
    last = select(func.max(lists.c.id)).scalar_subquery()
    over = select(lists.c.id).where(lists.c.last < until.date().isoformat(), lists.c.id < last)
    c.execute(delete(listed).where(listed.c.list.in_(over)))
    gone = c.execute(delete(lists).where(lists.c.id.in_(over))).rowcount
    if gone:
        c.execute(delete(judged).where(judged.c.key.not_in(select(listed.c.key))))
        put(c, f"{PURGED}lists", now, until.isoformat())
    return gone


def _drop_over(
    c: Connection,
    table: Table,
    end: ColumnElement[datetime],
    now: datetime,
    period: timedelta,
    *further: ColumnElement[bool],
) -> int:
    """Rows whose end is so long past; the last stays, so that SQLite does not give its number again.

    Until when is noted, for the ledger's check: it would miss them.
    """
    last = select(func.max(table.c.id)).scalar_subquery()
    gone = c.execute(delete(table).where(end < now - period, table.c.id < last, *further)).rowcount
    if gone:
        put(c, f"{PURGED}{table.name}", now, (now - period).isoformat())
    return gone


def purged_until(c: Connection, table: str) -> datetime | None:
    """Silences or swaps that ended before this may have been purged; None: none has been."""
    noted = detail(c, f"{PURGED}{table}")
    return datetime.fromisoformat(noted) if noted else None


def _drop_posts(c: Connection, which: ColumnElement[bool]) -> int:
    ids = list(c.execute(select(posts.c.id).where(which, posts.c.incident.is_(None))).scalars())
    for part in parts(ids):
        c.execute(delete(observations).where(observations.c.post.in_(part)))
        c.execute(delete(posts).where(posts.c.id.in_(part)))
    return len(ids)


def erase(c: Connection, post: str) -> dict[str, Any] | None:
    """Removes one post's words, address and author code, and every copy of them: messages, evidence, signatures.

    The post's id, verdict and place in an incident stay, without text: the clue about the debt remains, the personal
    part goes. Returns what the post was (incident, evidence); None when there is none.
    """
    row = c.execute(select(posts).where(posts.c.id == post)).mappings().first()
    if row is None:
        return None
    gone: dict[str, Any] = {
        "text": "", "masked_text": "", "title": None, "masked_title": None, "url": None, "native_id": None,
        "author_code": None, "reasons": [], "facts": {}, "evidence": None,
    }  # fmt: skip
    c.execute(update(posts).where(posts.c.id == post).values(**gone))
    c.execute(delete(observations).where(observations.c.post == post))
    c.execute(delete(links).where(or_(links.c.a == post, links.c.b == post)))
    if row["evidence"]:
        c.execute(delete(evidence).where(evidence.c.sha256 == row["evidence"]))
        c.execute(update(posts).where(posts.c.evidence == row["evidence"]).values(evidence=None))
    if row["incident"]:
        c.execute(delete(signatures).where(signatures.c.incident == row["incident"]))
        strip_messages(c, row["incident"], post)
    return dict(row)


def hide(c: Connection, row: dict[str, Any], words: Sequence[str]) -> None:
    """Masks further words of one post in what pages show of it; a fact that holds them is no fact about the debt."""
    values: dict[str, Any] = {key: hidden(row[key], words) for key in ("masked_title", "masked_text")}
    values["facts"] = without_words(row["facts"], words)
    c.execute(update(posts).where(posts.c.id == row["id"]).values(**values))


def without_words(facts: Mapping[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """Facts as stored, without an employer or project that is called by these words (a boss's byname)."""
    gone = [key for key in ("employer", "project") if any(word in (facts.get(key) or "") for word in words)]
    return {**facts, **dict.fromkeys(gone)}


def hidden(told: Any, words: Sequence[str]) -> Any:
    """A text, or every text within lists and mappings, with these words masked."""
    if isinstance(told, str):
        for word in words:
            told = told.replace(word, HIDDEN)
    elif isinstance(told, Mapping):
        return {key: hidden(value, words) for key, value in told.items()}
    elif isinstance(told, list):
        return [hidden(value, words) for value in told]
    return told


def strip_messages(c: Connection, incident: str, post: str, words: Sequence[str] = ()) -> None:
    """Takes one post's words out of what was, or is to be, mailed of an incident; `words`: out of all it says."""
    query = select(outbox.c.id, outbox.c.data).where(outbox.c.incident == incident)
    for id_, data in c.execute(query).all():
        kept = [one for one in data.get("excerpts") or () if one.get("post") != post]
        values = hidden({**data, "excerpts": kept, "evidence": [], "title": incident}, words)
        c.execute(update(outbox).where(outbox.c.id == id_).values(data=values))
