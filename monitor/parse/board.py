"""Message boards of government: the 领导留言板 answer (`queryThreadsList`), its JSONP lists, and regional boards.

Knows the unsigned public answers only; whatever needs a computed signature is not read. The Content-Type of these
answers
may say text/html, so it is not looked at. An official reply is another author's message and is a post of its own only
where the feed asks for it (`options: {answers: true}`).
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import markup, payload
from monitor.parse.draft import count, draft, drafts
from monitor.parse.faults import Unreadable, refusal
from monitor.parse.known import known_selectors

_LISTS = known_selectors("board_lists")
_THREAD = "https://liuyan.people.com.cn/threads/content?tid={}"
_NUMBER = ("tid", "threadId", "id")
_REGIONAL_NUMBER = ("id", "msg_id", "uuid")
_FINE = frozenset({"success", "ok", "true", "1", "200", "0", ""})


def parse_board(document: Document, feed: Feed) -> list[Post]:
    """Messages of a board, newest first. Unreadable: an error answer, or rows without number or words."""
    answer = payload.load(document)
    _refuse_error(answer)
    if isinstance(answer, dict) and isinstance(detail := _detail(answer), dict):
        rows: list[payload.Row] = [detail]
    else:
        rows = payload.rows(answer, *_LISTS, what="messages of a board")
        if not rows:
            _refuse_code(answer)
    payload.numbered([row for row in rows if _is_people(row)], *_NUMBER, what="number of a message")
    payload.numbered([row for row in rows if not _is_people(row)], *_REGIONAL_NUMBER, what="number of a message")
    return drafts(rows, lambda row: list(_messages(document, feed, row)))


def _refuse_error(answer: object) -> None:
    if not isinstance(answer, dict):
        return
    result = answer.get("result", answer.get("success", ""))
    if isinstance(result, (str, int, bool)) and str(result).lower() not in _FINE:
        why = payload.text_of(answer, "errorMsg", "resultMsg", "message", "msg", "errorCode") or f"result {result}"
        raise refusal(why)


def _refuse_code(answer: object) -> None:
    """An empty list beside a code of an error is no "no news"; beside messages such a code is the site's own habit."""
    if isinstance(answer, dict):
        said = payload.first(answer, "code", "status", "errcode", "errno")
        if isinstance(said, (str, int, bool)) and str(said).lower().strip("0") not in {*_FINE, "2"}:
            raise refusal(f"{said} {payload.text_of(answer, 'errorMsg', 'message', 'msg', 'errmsg')}".strip())


def _is_people(row: payload.Row) -> bool:
    return "tid" in row or "subject" in row


def _detail(answer: dict[str, object]) -> object:
    """The single message of a detail answer."""
    for key in ("data", "responseData"):
        row = answer.get(key)
        if isinstance(row, dict) and ("content" in row or "subject" in row) and ("id" in row or "tid" in row):
            return row
    return None


def _messages(document: Document, feed: Feed, row: payload.Row) -> Iterator[Post]:
    yield _people(document, feed, row) if _is_people(row) else _regional(document, feed, row)
    if feed.options.get("answers"):
        yield from _answers(document, feed, row)


def _people(document: Document, feed: Feed, row: payload.Row) -> Post:
    """Fields of queryThreadsList: tid, subject, content, nickName, dateline (s), threadsCheckTime (s), forumName,
    stateInfo ...
    """
    tid = payload.text_of(row, *_NUMBER)
    subject, content = payload.text_of(row, "subject", "title"), payload.text_of(row, "content", "message")
    if not subject and not content:
        raise Unreadable("missing", what=f"subject and content of message {tid}")
    return draft(
        document,
        feed,
        native_id=tid or None,
        title=markup.plain_title(subject),
        text=markup.plain(content),
        url=payload.text_of(row, "url", "link") or _address(str(feed.options.get("post_url", _THREAD)), tid),
        when=payload.text_of(row, "dateline", "threadsCheckTime", "createTime"),
        author=payload.text_of(row, "nickName", "nickname", "author"),
        engagement=_reach(row),
    )


def _regional(document: Document, feed: Feed, row: payload.Row) -> Post:
    """Rows of a regional board: id, title, content, created_at, nickname, type_name, area_id, is_reply, reply_time,
    reply[].
    """
    number = payload.text_of(row, *_REGIONAL_NUMBER)
    title = payload.text_of(row, "title", "subject")
    text = payload.text_of(row, "content", "body", "detail", "desc")
    if not title and not text:
        raise Unreadable("missing", what=f"title and content of message {number}")
    return draft(
        document,
        feed,
        native_id=number or None,
        title=markup.plain_title(title),
        text=markup.plain(text),
        url=payload.text_of(row, "url", "share_url", "link") or _address(str(feed.options.get("post_url", "")), number),
        when=payload.text_of(row, "created_at", "create_time", "publish_time", "time"),
        author=payload.text_of(row, "nickname", "nick_name", "username", "author"),
        engagement=_reach(row),
        complete=bool(text) or not feed.follow,
    )


def _address(pattern: str, number: str) -> str | None:
    return pattern.format(number) if pattern and number else None


def _reach(row: payload.Row) -> Engagement:
    return Engagement(
        views=count(payload.first(row, "viewCount", "views", "hits", "click", "read_num", "view_num")),
        likes=count(payload.first(row, "praiseCount", "likes", "like_num", "agree_num")),
        comments=count(payload.first(row, "commentCount", "comment_num", "comments")),
    )


def _answers(document: Document, feed: Feed, row: payload.Row) -> Iterator[Post]:
    number = payload.text_of(row, "tid", "threadId", "id")
    replies = row.get("reply") if isinstance(row.get("reply"), list) else [row]
    for place, reply in enumerate(replies or ()):
        text = markup.plain(
            payload.text_of(reply, "answerContent", "reply_content", *(("content",) if reply is not row else ()))
        )
        if text:
            yield draft(
                document,
                feed,
                native_id=f"{number}#answer{place}",
                text=text,
                when=payload.text_of(reply, "answerDateline", "reply_time", "created_at"),
                author=payload.text_of(reply, "answerOrganization", "reply_unit", "unit_name"),
            )
