"""个人信息请求 as acts of the ledger: what a person asks about data held on them is registered, and answered in time.

Known by the link that they present and by nothing else: no name, no account, no search (个人信息保护法 44-50). The law
sets no number of days; fifteen working days, and never more than thirty days (GB/T 35273-2020, 8.7), are this
project's own. Erasing, masking and refusing take two people. A post that may tell of danger to life is read by
somebody first.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from monitor.clocks import Calendar
from monitor.clocks.calendar import end_of, local_day
from monitor.facts.mask import mask
from monitor.ledger.door import Ledger
from monitor.ledger.erase import erase_in, hide_in
from monitor.ledger.standing import catalogue, forbid
from monitor.model import Act, Change
from monitor.store import wishes
from monitor.text import storable

KINDS = ("access", "correct", "erase")
PROOFS = ("account", "shown", "family")
OUTCOMES = ("done", "refused", "unheld")
WORKING_DAYS, MOST_DAYS = 15, 30
LEAST, LONGEST = 4, 500  # characters of a wish and of an answer
HIDE_LEAST, HIDE_MOST, HIDE_WORDS = 2, 40, 10
SOON = timedelta(days=3)


def register(ledger: Ledger, *, kind: str, link: str, wish: str, proof: str, by: str, at: datetime) -> int:
    """Registers what somebody asks; returns its number. The wish is masked before it is kept."""
    link, wish = storable(link).strip(), mask(storable(wish).strip()[:LONGEST]).text
    _one_of("wish_kind", "kinds", kind, KINDS)
    _one_of("wish_proof", "proofs", proof, PROOFS)
    if not link.startswith(("http://", "https://")) or len(link) > 2000 or not _is_address(link):
        raise forbid("wish_link")
    if len(wish) < LEAST:
        raise forbid("wish_words", least=LEAST)
    due, sign = due_at(ledger.calendar, at), mark(ledger.key, link)

    def work(c: Connection) -> tuple[int, list[Change]]:
        values = {"kind": kind, "link": link, "mark": sign, "wish": wish, "proof": proof, "by": by, "at": at}
        number = wishes.add(c, {**values, "due_at": due})
        data = {"do": "register", "number": number, "kind": kind, "proof": proof, "due_at": due.isoformat()}
        reason = catalogue()["wishes"]["registered"].format(number=number, kind=catalogue()["wish_kinds"][kind])
        return number, [Change(act=Act.WISH, at=at, reason=reason, actor=by, data=data)]

    return ledger.record_with(work)


def answer(
    ledger: Ledger, number: int, *, outcome: str, text: str, by: str, at: datetime, posts: Sequence[str] = (),
    hide: Sequence[str] = (),
) -> None:  # fmt: skip
    """Answers a wish and does what it asks, together; ForbiddenChange says what stands against it.

    `posts`: of those behind the link, which are the asker's; `hide`: words of these posts that are masked from now on.
    """
    text = mask(storable(text).strip()[:LONGEST]).text
    hide = [word.strip() for word in hide if word.strip()]
    _one_of("wish_outcome", "outcomes", outcome, OUTCOMES)
    if len(text) < LEAST:
        raise forbid("wish_reason")

    def work(c: Connection) -> tuple[None, list[Change]]:
        row = wishes.one(c, number)
        if row is None or row["outcome"] is not None:
            raise forbid("wish_unknown", number=number)
        chosen = _chosen(c, row, outcome, by, posts)
        if outcome == "done" and row["kind"] == "correct":
            _hide(chosen, hide)
        reason = catalogue()["wishes"]["answered"].format(number=number, text=text)
        for one in chosen if outcome == "done" else ():
            if row["kind"] == "erase":
                erase_in(c, one["id"], by=by, reason=reason, now=at)
            elif row["kind"] == "correct":
                hide_in(c, one["id"], hide, by=by, reason=reason, now=at)
        wishes.answer(c, number, outcome, text, by, at)
        data = {"do": "answer", "number": number, "outcome": outcome, "posts": [one["id"] for one in chosen]}
        return None, [Change(act=Act.WISH, at=at, reason=reason, actor=by, data=data)]

    ledger.record_with(work)


def _chosen(c: Connection, row: dict[str, Any], outcome: str, by: str, posts: Sequence[str]) -> list[dict[str, Any]]:
    """The posts that the answer is about, once nothing stands against it."""
    held = {one["id"]: one for one in wishes.behind(c, row["link"])}
    changes = outcome == "done" and row["kind"] != "access"
    if outcome == "unheld" and held:
        raise forbid("wish_held")
    if (changes or outcome == "refused") and by == row["by"]:
        raise forbid("wish_second", by=row["by"])
    if any(post not in held for post in posts):
        raise forbid("wish_post")
    if outcome == "done" and not posts:
        raise forbid("wish_posts" if held else "wish_post")
    chosen = [held[post] for post in dict.fromkeys(posts)]
    if changes and any(unread(one) for one in chosen):
        raise forbid("wish_life")
    return chosen


def unread(post: dict[str, Any]) -> bool:
    """Whether the post may tell of danger to life and waits for somebody to read it."""
    return post["review"] in ("pending", "audit") and bool(post["life_risk"] or post["perhaps_life_risk"])


def _hide(chosen: Sequence[dict[str, Any]], words: Sequence[str]) -> None:
    shown = "\n".join(f"{one['masked_title'] or ''}\n{one['masked_text']}" for one in chosen)
    fit = all(HIDE_LEAST <= len(word) <= HIDE_MOST and word in shown for word in words)
    if not words or len(words) > HIDE_WORDS or not fit:
        raise forbid("wish_hide")


def _one_of(rule: str, name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        said = catalogue()[{"kinds": "wish_kinds", "proofs": "wish_proofs", "outcomes": "wish_outcomes"}[name]]
        raise forbid(rule, **{name: "、".join(f"{one}（{said[one]}）" for one in known)})


def _is_address(link: str) -> bool:
    try:
        return bool(urlsplit(link).hostname)
    except ValueError:  # http://[
        return False


def mark(key: bytes, link: str) -> str:
    """The same for every spelling of a link, and read back by nobody (HMAC-SHA256)."""
    return hmac.new(key, f"wish\x00{wishes.plain(link)}".encode(), hashlib.sha256).hexdigest()


def due_at(calendar: Calendar, at: datetime) -> datetime:
    """The end of the last day to answer: fifteen working days on, thirty days at most."""
    first = local_day(at)
    day, counted = first, 0
    while counted < WORKING_DAYS:
        day += timedelta(days=1)
        counted += calendar.is_workday(day)
    return end_of(min(day, _most(first)))


def _most(first: date) -> date:
    return first + timedelta(days=MOST_DAYS)
