"""Weibo: answers of the official search (`statuses`), and the card shape of exports as an import format only.

Knows the shapes; asks nobody. An answer that demands a login is refused with that reason: no cookie is ever used.
Personal
fields of `user` other than the screen name are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import markup, payload
from monitor.parse.draft import count, draft, drafts
from monitor.parse.faults import Unreadable, refusal

_NUMBER = ("idstr", "mid", "id")
_SHORT_LINK = re.compile(r"…?\s*全文\s*$")


def parse_weibo(document: Document, feed: Feed) -> list[Post]:
    """Posts of an answer or export. Unreadable:
    error codes of the platform, login demanded, rows without id or text.
    """
    answer = payload.load(document)
    if isinstance(answer, dict):
        _refuse_error(answer)
    rows = [row for row in _statuses(answer) if not row.get("deleted")]
    payload.numbered(rows, *_NUMBER, what="number of a status")
    return drafts(rows, lambda row: [_post(document, feed, row)])


def _refuse_error(answer: dict[str, Any]) -> None:
    """error_code: open.weibo.com Error_code; ok -100: the mobile site's demand for a login."""
    if answer.get("error_code") or answer.get("error"):
        raise refusal(f"{answer.get('error_code', '')} {answer.get('error', '')}")
    if str(answer.get("ok")) == "-100":
        raise Unreadable("login")
    if str(answer.get("ok")) == "0" and not payload.dig(answer, "data.cards"):
        raise refusal(payload.text_of(answer, "msg", "message") or "ok 0")


def _statuses(answer: Any) -> list[payload.Row]:
    cards = payload.dig(answer, "data.cards") or payload.dig(answer, "cards")
    if isinstance(cards, list):
        return list(_from_cards(cards))
    rows = payload.rows(answer, "statuses", "data.statuses", "data.list", "data", "", what="statuses")
    return [row.get("mblog") if isinstance(row.get("mblog"), dict) else row for row in rows]  # type: ignore[misc]


def _from_cards(cards: list[Any]) -> Iterator[payload.Row]:
    """card_type 9 holds one post; a card_group holds several; other cards are advertisements and menus."""
    for card in cards:
        if isinstance(card, dict) and isinstance(card.get("mblog"), dict):
            yield card["mblog"]
        elif isinstance(card, dict) and isinstance(card.get("card_group"), list):
            yield from (
                inner["mblog"]
                for inner in card["card_group"]
                if isinstance(inner, dict) and isinstance(inner.get("mblog"), dict)
            )


def _post(document: Document, feed: Feed, row: payload.Row) -> Post:
    number = payload.text_of(row, *_NUMBER)
    text = _text(row)
    original = row.get("retweeted_status")
    if isinstance(original, dict) and (quoted := _text(original)):
        text = f"{text}\n//{quoted}"
    if not text:
        raise Unreadable("missing", what=f"text of status {number}")
    return draft(
        document,
        feed,
        native_id=number or None,
        text=text,
        url=_address(row, number) if number else None,
        when=payload.text_of(row, "created_at"),
        author=payload.text_of(row, "user.screen_name", "user.name"),
        engagement=Engagement(
            views=count(row.get("reads_count")),
            likes=count(row.get("attitudes_count")),
            comments=count(row.get("comments_count")),
            reposts=count(row.get("reposts_count")),
        ),
    )


def _text(row: payload.Row) -> str:
    """The long text where there is one; `text` is HTML in cards and plain in the official answer."""
    long = payload.text_of(row, "longText.longTextContent", "longText.longTextContent_raw", "long_text")
    text = long or payload.text_of(row, "text", "text_raw", "raw_text")
    return _SHORT_LINK.sub(
        "", markup.plain(text) if re.search(r"<[a-z/]", text, re.I) or "&" in text else markup.tidy(text)
    )


def _address(row: payload.Row, number: str) -> str:
    user = payload.text_of(row, "user.idstr", "user.id")
    code = payload.text_of(row, "bid", "mblogid")
    return f"https://weibo.com/{user}/{code}" if user and code else f"https://m.weibo.cn/detail/{number}"
