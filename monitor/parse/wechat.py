"""Messages to the operator's own WeChat account, in the XML in which the platform delivers them. Knows its fields only.

Text is a post, so is a shared link, and a spoken message where the platform wrote down what was said. Pictures, places
and events (somebody followed the account, pressed a menu) say nothing in words and give no post. The sender is a number
that means something to this account only, and is stored as a code.
"""

from __future__ import annotations

import re

from monitor.model import Document, Feed, Post
from monitor.parse import bounds, markup
from monitor.parse.decode import decode
from monitor.parse.draft import draft
from monitor.parse.faults import Unreadable

_FIELD = re.compile(r"<([A-Za-z]{2,30})>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))\s*</\1>", re.S)
_WORDLESS = frozenset({"image", "video", "shortvideo", "location", "event", "file"})


def parse_wechat(document: Document, feed: Feed) -> list[Post]:
    """The post of a message, or none. Unreadable: no message, an encrypted one, or one without kind or number."""
    text = decode(document).text.strip()
    if not text.startswith("<xml"):
        raise Unreadable("missing", what="an <xml> message")
    fields = {name: cdata or markup.unescaped(plain) for name, cdata, plain in _FIELD.findall(text[: bounds.MAX_TEXT])}
    kind = fields.get("MsgType", "")
    if "Encrypt" in fields and not kind:
        raise Unreadable("missing", what="a message in plain text: choose 明文模式 for the account's server")
    if not kind:
        raise Unreadable("missing", what="kind of a message (MsgType)")
    title, words = _said(kind, fields)
    if kind in _WORDLESS or not (title or words):
        return []
    number = fields.get("MsgId")
    if not number:
        raise Unreadable("missing", what="number of a message (MsgId)")
    return [
        draft(
            document,
            feed,
            native_id=number,
            title=markup.line(title) or None,
            text=markup.tidy(words),
            url=fields.get("Url") or None,
            when=fields.get("CreateTime"),
            author=fields.get("FromUserName"),
        )
    ]


def _said(kind: str, fields: dict[str, str]) -> tuple[str, str]:
    """Title and words of a message."""
    if kind == "link":
        return fields.get("Title", ""), fields.get("Description", "")
    return "", fields.get("Recognition" if kind == "voice" else "Content", "")
