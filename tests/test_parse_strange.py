"""Dates and documents of sites that nobody here had seen: what is written is read, what is unsure is unknown.

Every post that is in a document arrives, or the document is told as a fault. The tables were written before the parsers
were looked at; the clock stands at 15:30 of Thursday, 5 December 2024, Asia/Shanghai.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.collect.answer import Trouble
from monitor.collect.soundness import check_body
from monitor.model import Document, Feed, Post
from monitor.parse import Unreadable, parse
from monitor.parse.dates import read_date
from monitor.text import SHANGHAI

DATA = Path(__file__).parent / "data" / "parse"
NOW = datetime(2024, 12, 5, 15, 30, tzinfo=SHANGHAI)
FETCHED = {"rss", "listing", "page", "discuz", "board", "sitemap", "weibo", "douyin", "vendor"}
SITES: list[dict[str, Any]] = yaml.safe_load((DATA / "strange_sites.yaml").read_text("utf-8"))


def written() -> Iterator[tuple[str, str, datetime]]:
    for line in (DATA / "strange_dates.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            text, meant, *at = line.split("\t")
            yield text, meant, datetime.fromisoformat(at[0]).replace(tzinfo=SHANGHAI) if at else NOW


def means(moment: datetime | None, meant: str) -> bool:
    """Whether a moment is one of those that a line of the table allows."""
    here = moment.astimezone(SHANGHAI) if moment else None
    for one in (part.strip() for part in meant.split("|")):
        if one == "?" or here is None:
            if (one == "?") == (here is None):
                return True
        elif one.startswith("~"):
            about = datetime.fromisoformat(one[1:]).replace(tzinfo=SHANGHAI)
            if abs(here - about) <= timedelta(minutes=31):
                return True
        elif f"{here:%Y-%m-%d %H:%M}".startswith(one):
            return True
    return False


WRITTEN = list(written())


@pytest.mark.parametrize(("text", "meant", "at"), WRITTEN, ids=[f"{text[:24]}@{at:%m%d}" for text, _, at in WRITTEN])
def test_a_date_of_a_strange_site_is_read_or_left_unknown(text: str, meant: str, at: datetime) -> None:
    found = read_date(text, now=at)
    assert means(found, meant), f"{text!r} means {meant}, read as {found and found.astimezone(SHANGHAI)}"


def document(site: dict[str, Any]) -> Document:
    body = base64.b64decode(site["base64"]) if "base64" in site else site["text"].encode(site.get("charset", "utf-8"))
    headers = {"content-type": site["content_type"]} if "content_type" in site else {}
    return Document(url=site["url"], fetched_at=NOW, body=body, headers=headers)


def posts_of(site: dict[str, Any]) -> list[Post] | None:
    """The posts of a document as the service reads it: past the fetcher's look at the body; None where it is told."""
    least = 1 if site.get("told") else 0
    feed = Feed(
        name="x", kind=site["kind"], url=site["url"], source="s", minimum=least, selectors=site.get("selectors", {})
    )
    try:
        if site["kind"] in FETCHED:
            check_body(document(site).body)
        return parse(document(site), feed)
    except (Trouble, Unreadable):
        return None


def is_there(post: Post, expected: dict[str, Any]) -> bool:
    return (
        expected.get("title", post.title) == post.title
        and expected.get("holds", "") in post.full_text
        and (post.url or "").startswith(expected.get("url", ""))
    )


@pytest.mark.parametrize("site", SITES, ids=[site["name"] for site in SITES])
def test_every_post_of_a_strange_document_arrives_or_is_told(site: dict[str, Any]) -> None:
    posts = posts_of(site)
    if site.get("told"):
        assert posts is None
        return
    if posts is None:
        assert site.get("may_be_told"), "told as a fault, and could be read"
        return
    number = site.get("number", len(posts))
    assert len(posts) in (number if isinstance(number, list) else [number])
    assert len({post.id for post in posts}) == len(posts)
    for expected in site.get("posts", ()):
        found = [post for post in posts if is_there(post, expected)]
        assert found, f"{expected} is not among {[(post.title, post.text[:40], post.url) for post in posts]}"
        assert expected.get("lacks", "\0") not in found[0].full_text
        if "published" in expected:
            assert means(found[0].published_at, expected["published"]), found[0].published_at


def test_the_tables_cover_every_kind_that_is_fetched_or_brought() -> None:
    assert len(WRITTEN) >= 400
    assert {site["kind"] for site in SITES} == FETCHED | {"file", "mailbox", "wechat"}
    assert sum(1 for site in SITES if site.get("told")) >= 20


def one(kind: str, body: str) -> list[Post]:
    document = Document(url="https://site.example/", fetched_at=NOW, body=body.encode())
    return parse(document, Feed(name="x", kind=kind, url="https://site.example/", source="s"))


def test_rows_of_one_number_keep_their_ids_when_another_comes() -> None:
    """A number that says nothing (0 for all) must not make a new message look like one that was seen."""
    rows = '{"id":0,"title":"甲厂欠薪","content":"欠"},{"id":0,"title":"乙厂欠薪","content":"欠"}'
    before = {post.id for post in one("board", f'{{"data":[{rows}]}}')}
    after = {post.id for post in one("board", f'{{"data":[{{"id":0,"title":"丙厂欠薪","content":"欠"}},{rows}]}}')}
    assert before < after
    assert len(after) == 3


def test_the_same_story_under_a_session_number_is_one_post() -> None:
    page = (
        '<ul><li><a href="/a.php?id=7&sid={0}">县里通报三家欠薪企业名单</a> 2024-12-01</li>'
        '<li><a href="/b">又一条长一些的标题</a></li></ul>'
    )
    first, again = (one("listing", page.format(sid)) for sid in ("3f2a9c1be07d44aa", "91bb0c2de55f01cd"))
    assert [post.id for post in first] == [post.id for post in again]
