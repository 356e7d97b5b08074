"""Discuz! forums: the RSS of a board (often GBK), its thread list, and thread pages whose replies are posts of their
own.

Knows the default templates of X2 to X3.5 (ids and classes, which skins keep). A thread is named by its tid, a reply by
`tid#pid`; so the item of the RSS, the row of the list and the first post of the page are one and the same post.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.model import Document, Engagement, Feed, Post
from monitor.parse import bounds, markup
from monitor.parse.decode import decode
from monitor.parse.draft import count, draft
from monitor.parse.faults import Unreadable
from monitor.parse.rss import entries

_TID = re.compile(r"[?&;]tid=(\d+)|(?:^|/)thread-(\d+)-|/t(?:hread)?/(\d+)", re.I)
_OFF = re.compile(r"RSS Disabled|Specified forum not found", re.I)
_FEED = re.compile(r"^\s*(?:<\?xml|<rss|<rdf|<feed)", re.I)
_NOT_SAID = (
    "i.pstatus, .jammer, .quote, blockquote, .locked, .attach_popup, .tip, .pattl, .aimg_tip, ignore_js_op script"
)
_EDITED = re.compile(r"^本帖最后由 .{1,40} 于 .{1,30} 编辑\s*")
_POSTED = re.compile(r"发表于|发布于|Post on")
_PAGE = re.compile(r"(?<=[?&;]page=)(\d+)|(?<=thread-)(\d+-)(\d+)(?=-)", re.I)  # of a thread, in its address


def parse_discuz(document: Document, feed: Feed) -> list[Post]:
    """Posts of a board's RSS, of its thread list, or of a thread page: told apart by what the document is."""
    text = decode(document).text
    if len(text) < 2000 and (off := _OFF.search(text)):
        raise Unreadable("feed_off", why=off[0])
    if _FEED.match(text.lstrip("\ufeff")):
        return [_item(document, feed, item) for item in entries(text.strip())]
    page = markup.tree(text)
    if page.css_first("[id^=postmessage_]"):
        return _thread(page, document, feed)
    document = markup.based(document, page)
    rows = page.css("tbody[id^=normalthread_], tbody[id^=stickthread_]")
    if rows:
        return [post for row in rows[: bounds.MAX_POSTS] if (post := _listed(row, document, feed))]
    raise _refusal(page)


def _refusal(page: LexborHTMLParser) -> Unreadable:
    said = markup.line(markup.words(page.css_first("#messagetext") or page.css_first(".alert_error") or page.body))
    if re.search(r"登录|没有权限|无权", said):
        return Unreadable("login")
    if re.search(r"不存在|已被删除|正在被审核", said):
        return Unreadable("removed", why=said[:60])
    return Unreadable("no_items")


def thread_of(url: str | None) -> str | None:
    """The thread's number in an address, in any of the forms that forums use."""
    match = _TID.search(url or "")
    return next((number for number in match.groups() if number), None) if match else None


def page_number(url: str) -> int:
    """Which page of a thread an address names; 1 where it names none."""
    match = _PAGE.search(url)
    return int(match[1] or match[3]) if match else 1


def turned_to(url: str, number: int) -> str | None:
    """The address of another page of the same thread; None where the address does not say how pages are named."""
    if not _PAGE.search(url):
        return None
    return _PAGE.sub(lambda match: str(number) if match[1] else f"{match[2]}{number}", url, count=1)


def _item(document: Document, feed: Feed, item: dict[str, object] | object) -> Post:
    get = item.get  # type: ignore[union-attr]
    link = markup.absolute(document.final_url or document.url, str(get("link") or ""))
    return draft(
        document,
        feed,
        native_id=thread_of(link),
        title=markup.plain_title(str(get("title") or "")),
        text=markup.plain(str(get("summary") or "")),
        url=link,
        when=str(get("published") or get("updated") or ""),
        author=markup.plain_title(str(get("author") or "")),
        complete=not feed.follow,
    )


def _listed(row: LexborNode, document: Document, feed: Feed) -> Post | None:
    link = row.css_first("a.xst") or row.css_first("th a[href*=tid], th a[href*=thread-]")
    if link is None:
        return None
    href = link.attributes.get("href")
    return draft(
        document,
        feed,
        native_id=thread_of(href),
        title=markup.words(link),
        url=href,
        when=_moment(row.css_first("td.by em")),
        author=markup.words(row.css_first("td.by cite")),
        engagement=Engagement(
            views=count(markup.words(row.css_first("td.num em"))),
            comments=count(markup.words(row.css_first("td.num a"))),
        ),
        complete=not feed.follow,
    )


def _moment(node: LexborNode | None) -> str:
    """The exact time stands in `title` where the page says 昨天."""
    if node is None:
        return ""
    exact = node.css_first("span[title]")
    return (exact.attributes.get("title") or "") if exact else _POSTED.sub("", markup.words(node)).strip()


def _thread(page: LexborHTMLParser, document: Document, feed: Feed) -> list[Post]:
    """Every post of a thread page, the first one under the thread's own id if this is page 1."""
    here = document.final_url or document.url
    canonical = page.css_first("link[rel=canonical]")
    tid = thread_of(canonical.attributes.get("href") if canonical else None) or thread_of(here) or markup.identity(here)
    title = markup.words(page.css_first("#thread_subject")) or _page_title(page)
    views = [count(markup.words(node)) for node in page.css("#postlist .hm .xi1")[:2]]
    first = page_number(here) == 1
    posts = []
    for place, message in enumerate(page.css("[id^=postmessage_]")[: bounds.MAX_POSTS]):
        pid = (message.attributes.get("id") or "").removeprefix("postmessage_")
        box = _box(page, pid)
        floor = _floor(box)
        opening = place == 0 and (floor == 1 or (floor is None and first))
        reach = Engagement(views=views[0], comments=views[1]) if opening and len(views) == 2 else None
        text = _said(message)
        if text or opening:
            posts.append(_reply(document, feed, tid, pid, title, text, box, opening, reach))
    return posts


def _reply(
    document: Document,
    feed: Feed,
    tid: str,
    pid: str,
    title: str,
    text: str,
    box: LexborNode | None,
    opening: bool,
    reach: Engagement | None,
) -> Post:
    here = document.final_url or document.url
    return draft(
        document,
        feed,
        native_id=tid if opening else f"{tid}#{pid}",
        title=title if opening else None,
        text=text,
        url=here,
        when=_moment(box.css_first("[id^=authorposton]")) if box else None,
        author=_author(box) if box else None,
        engagement=reach,
    )


def _author(box: LexborNode) -> str:
    """The name beside the post; 匿名 stands there without a link."""
    return markup.words(box.css_first("a.xw1") or box.css_first(".pls .authi") or box.css_first(".authi"))


def _page_title(page: LexborHTMLParser) -> str:
    node = page.css_first("title")
    return re.split(r"\s+-\s+|_", markup.line(node.text()))[0] if node else ""


def _box(page: LexborHTMLParser, pid: str) -> LexborNode | None:
    if not (pid.isascii() and pid.isdigit()):
        return None
    return page.css_first(f"#post_{pid}") or page.css_first(f"#pid{pid}")


def _floor(box: LexborNode | None) -> int | None:
    """1 for 楼主; None where the page does not say."""
    mark = box.css_first("[id^=postnum] em, [id^=postnum]") if box else None
    said = markup.words(mark)
    if said.startswith("楼主"):
        return 1
    return count(said) or {"沙发": 2, "板凳": 3, "地板": 4}.get(said)


def _said(message: LexborNode) -> str:
    """The words of one post: without quotes of others, edit marks and the hidden noise against copying."""
    for node in message.css(_NOT_SAID):
        node.decompose()
    for node in message.css("[style]"):
        if re.search(r"display\s*:\s*none|font-size\s*:\s*0", node.attributes.get("style") or "", re.I):
            node.decompose()
    return _EDITED.sub("", markup.words(message))
