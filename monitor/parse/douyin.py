"""Douyin: answers of the official video and comment search (`data.list`), and the web export shape as an import
format only.

Knows the shapes; asks nobody and computes no signature. A caption is a post, so is a comment.
"""

from __future__ import annotations

from typing import Any

from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import markup, payload
from monitor.parse.draft import count, draft, drafts
from monitor.parse.faults import Unreadable, refusal

_COMMENT, _VIDEO = ("comment_id", "cid"), ("item_id", "aweme_id", "id")
_LISTS = (
    "data.list",
    "list",
    "aweme_list",
    "data.aweme_list",
    "comments",
    "data.comments",
    "data.data",
    "data",
    "item_list",
    "",
)


def parse_douyin(document: Document, feed: Feed) -> list[Post]:
    """Captions or comments. Unreadable: error codes of the platform, rows without id or words."""
    answer = payload.load(document)
    if isinstance(answer, dict):
        _refuse_error(answer)
        if isinstance(answer.get("aweme_detail"), dict):
            answer = [answer["aweme_detail"]]
    if _says_none(answer):
        return []
    rows: list[payload.Row] = []
    for row in payload.rows(answer, *_LISTS, what="videos or comments"):
        inner = row.get("aweme_info")
        rows.append(inner if isinstance(inner, dict) else row)
    videos = [row for row in rows if not payload.text_of(row, *_COMMENT)]
    payload.numbered(videos, *_VIDEO, what="number of a video")
    return drafts(rows, lambda row: [_post(document, feed, row)])


def _says_none(answer: Any) -> bool:
    """`"list": null, "has_more": false`: how the platform writes an empty list."""
    data = answer.get("data") if isinstance(answer, dict) else None
    return isinstance(data, dict) and "list" in data and data["list"] is None and not data.get("has_more")


def _refuse_error(answer: dict[str, Any]) -> None:
    for part in (answer.get("data"), answer.get("extra"), answer):
        if isinstance(part, dict) and part.get("error_code") not in (None, 0, "0"):
            raise refusal(f"{part['error_code']} {part.get('description', '')}")
    if answer.get("status_code") not in (None, 0, "0"):
        why = payload.text_of(answer, "status_msg") or f"status_code {answer['status_code']}"
        raise Unreadable("login") if "登录" in why else refusal(why)


def _post(document: Document, feed: Feed, row: payload.Row) -> Post:
    comment = payload.text_of(row, *_COMMENT)
    number = comment or payload.text_of(row, *_VIDEO)
    text = markup.tidy(payload.text_of(row, "content", "text") if comment else payload.text_of(row, "title", "desc"))
    if not text:
        text = " ".join(f"#{tag}" for tag in _tags(row))
    if not text:
        raise Unreadable("missing", what=f"words of {number}")
    return draft(
        document,
        feed,
        native_id=number or None,
        text=text,
        url=payload.text_of(row, "share_url", "share_info.share_url")
        or (None if comment or not number else f"https://www.douyin.com/video/{number}"),
        when=payload.text_of(row, "create_time"),
        author=payload.text_of(row, "author.nickname", "user.nickname", "nickname", "nick_name"),
        engagement=_reach(row),
    )


def _tags(row: payload.Row) -> list[str]:
    extra = row.get("text_extra")
    return (
        [str(tag["hashtag_name"]) for tag in extra if isinstance(tag, dict) and tag.get("hashtag_name")]
        if isinstance(extra, list)
        else []
    )


def _reach(row: payload.Row) -> Engagement:
    return Engagement(
        views=count(payload.first(row, "statistics.play_count")),
        likes=count(payload.first(row, "statistics.digg_count", "digg_count")),
        comments=count(payload.first(row, "statistics.comment_count", "reply_comment_total")),
        reposts=count(payload.first(row, "statistics.share_count", "statistics.forward_count")),
    )
