"""Golden pairs: a document in the real shape of its source, and the posts (or the fault) that it must give.

Every pair in tests/data/parse was written for this project; a new kind of feed comes with at least one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.commands.stream import post_row
from monitor.config import FeedEntry
from monitor.errors import InputError
from monitor.model import Document, Feed, Post
from monitor.parse import KINDS, Unreadable, faults, pages, parse
from monitor.text import post_id

DATA = Path(__file__).parent / "data" / "parse"
NEVER = ("<script", "</", "onload=", "onerror=", "公网安备", "网站首页", "分享到", "个人签名", "Powered by")
PAIRS = sorted(DATA.glob("*/*.golden.json"))


def pair(path: Path) -> tuple[Document, Feed, dict[str, Any]]:
    golden = json.loads(path.read_text("utf-8"))
    document = Document(
        url=golden["url"],
        fetched_at=datetime.fromisoformat(golden["fetched_at"]),
        body=(path.parent / golden["document"]).read_bytes(),
        headers=golden.get("headers", {}),
    )
    kind = path.parent.name
    return document, Feed(name=kind, kind=kind, url=golden["url"], source="qinghe", **golden.get("feed", {})), golden


def named(kind: str, name: str) -> tuple[Document, Feed]:
    document, feed, _ = pair(DATA / kind / f"{name}.golden.json")
    return document, feed


def shown(post: Post) -> dict[str, Any]:
    """A post as the golden files write it: what is not null, and `complete` where its page is still to be fetched."""
    row = {key: value for key, value in post_row(post).items() if value is not None and key not in ("id", "platform")}
    if "engagement" in row:
        row["engagement"] = {key: value for key, value in row["engagement"].items() if value is not None}
    return row if post.complete else {**row, "complete": False}


@pytest.mark.parametrize("path", PAIRS, ids=[f"{path.parent.name}-{path.name.split('.')[0]}" for path in PAIRS])
def test_a_document_gives_its_golden_posts_or_its_fault(path: Path) -> None:
    document, feed, golden = pair(path)
    if "fault" in golden:
        with pytest.raises(Unreadable) as caught:
            parse(document, feed)
        assert (caught.value.code, str(caught.value)) == (golden["fault"], golden["says"])
        assert caught.value.zh
    else:
        posts = parse(document, feed)
        assert [shown(post) for post in posts] == golden["posts"]
        assert all(post.feed == feed.name and post.platform == "qinghe" for post in posts)


def test_every_kind_has_pairs_and_there_are_enough() -> None:
    count = Counter(path.parent.name for path in PAIRS)
    assert set(count) == set(KINDS)
    assert min(count.values()) >= 5
    assert sum(count.values()) >= 60


@pytest.mark.parametrize("path", PAIRS, ids=[path.name.split(".")[0] for path in PAIRS])
def test_no_markup_script_or_furniture_reaches_a_text(path: Path) -> None:
    document, feed, golden = pair(path)
    for post in parse(document, feed) if "fault" not in golden else ():
        for sign in NEVER:
            assert sign not in post.full_text
        assert post.text == post.text.strip()


WELL_FORMED = [path for path in PAIRS if "fault" not in json.loads(path.read_text("utf-8"))]
JSON_PAIRS = [
    path for path in WELL_FORMED if json.loads(path.read_text("utf-8"))["document"].endswith((".json", ".jsonl"))
]
XML_PAIRS = [path for path in WELL_FORMED if json.loads(path.read_text("utf-8"))["document"].endswith(".xml")]


def with_more_fields(value: Any) -> Any:
    """The same JSON with fields that nobody has seen yet, in every object."""
    if isinstance(value, Mapping):
        return {
            "_new": {"a": [1]},
            **{key: with_more_fields(inner) for key, inner in value.items()},
            "zz_new": "新字段",
        }
    return [with_more_fields(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", JSON_PAIRS, ids=[path.name.split(".")[0] for path in JSON_PAIRS])
def test_unknown_json_fields_change_nothing(path: Path) -> None:
    document, feed, golden = pair(path)
    text = document.body.decode()
    lines = [json.loads(line) for line in text.splitlines() if line.strip()] if path.name.startswith(
        ("filter", "weibo_collector")
    ) else [json.loads(text)]  # fmt: skip
    body = "\n".join(json.dumps(with_more_fields(row)) for row in lines).encode()
    assert [shown(post) for post in parse(replace(document, body=body), feed)] == golden["posts"]


@pytest.mark.parametrize("path", XML_PAIRS, ids=[path.name.split(".")[0] for path in XML_PAIRS])
def test_unknown_xml_elements_change_nothing(path: Path) -> None:
    document, feed, golden = pair(path)
    body = document.body
    for end in (b"</item>", b"</entry>", b"</url>"):
        body = body.replace(end, b'<x:new xmlns:x="urn:x" a="1">7</x:new>' + end)
    assert [shown(post) for post in parse(replace(document, body=body), feed)] == golden["posts"]


# ------------------------------------------------------------------ identity
def test_the_item_of_a_feed_the_row_of_a_list_and_the_opening_of_a_thread_are_one_post() -> None:
    ids = [
        next(post.id for post in parse(*named("discuz", name)) if post.native_id == "30112")
        for name in ("board_feed_gbk", "thread_list_gbk", "thread_with_replies_gbk")
    ]
    assert set(ids) == {post_id("qinghe", "30112")}


def test_sharing_parameters_do_not_make_another_post() -> None:
    document, feed = named("rss", "no_guids")
    plain = replace(document, body=document.body.replace(b"?utm_source=rss&amp;spm=1.2", b""))
    assert parse(document, feed)[0].id == parse(plain, feed)[0].id


def test_an_edited_item_with_the_same_id_is_the_same_post() -> None:
    document, feed = named("rss", "rss2_plain")
    edited = replace(document, body=document.body.replace("领到钱".encode(), "全部领到钱".encode()))
    assert [post.id for post in parse(document, feed)] == [post.id for post in parse(edited, feed)]


def test_reading_twice_gives_the_same_posts() -> None:
    for path in WELL_FORMED:
        document, feed, _ = pair(path)
        assert parse(document, feed) == parse(document, feed)


def test_two_sources_with_the_same_numbers_do_not_mix() -> None:
    document, feed = named("board", "people_list")
    ids = {post.id for source in ("甲网", "乙网") for post in parse(document, replace(feed, source=source))}
    assert len(ids) == 4


# ------------------------------------------------------------------ completing a stub from its page
def test_a_thread_completes_its_stub_and_brings_the_replies() -> None:
    stub = next(post for post in parse(*named("discuz", "board_feed_gbk")) if post.native_id == "30112")
    full, *replies = pages(*named("discuz", "thread_with_replies_gbk"), stub)
    assert (full.id, full.complete) == (stub.id, True)
    assert "二十六万四" in full.text
    assert "二十六万四" not in stub.text
    assert [reply.text for reply in replies] == ["帮顶，去找劳动监察大队。", "去过了，让我们先去找住建局。"]


def test_a_page_completes_its_stub_and_gives_the_hour() -> None:
    stub = parse(*named("listing", "selectors"))[0]
    document, _ = named("page", "government_template")
    full = pages(document, named("listing", "selectors")[1], stub)[0]
    assert (full.id, full.title, full.complete) == (stub.id, stub.title, True)
    assert "一百零三万元" in full.text
    assert full.published_at == datetime.fromisoformat("2026-01-09T16:30:00+08:00")


def test_a_detail_answer_completes_the_row_of_a_regional_board() -> None:
    stub = parse(*named("board", "regional_list"))[0]
    document, feed = named("board", "regional_detail")
    full = pages(document, replace(feed, options={}), stub)[0]
    assert (full.id, full.complete) == (stub.id, True)
    assert "消防管道" in full.text


def test_the_page_of_another_thread_is_refused() -> None:
    stub = replace(parse(*named("discuz", "board_feed_gbk"))[0], url="https://bbs.qinghe.example/thread-1-1-1.html")
    with pytest.raises(Unreadable):
        pages(*named("discuz", "thread_with_replies_gbk"), replace(stub, id="0" * 16))


# ------------------------------------------------------------------ the contract of a feed
def test_less_than_promised_is_a_fault_never_no_news() -> None:
    document, feed = named("rss", "rss2_plain")
    with pytest.raises(InputError, match="2 posts found, the feed promises at least 3"):
        parse(document, replace(feed, minimum=3))


def test_every_fault_has_both_languages_and_fills_them() -> None:
    names = "size limit depth what why name css found minimum rows row kind known unknown wanted"
    facts = dict.fromkeys(names.split(), "x")
    for code in faults.codes():
        fault = Unreadable(code, **facts)
        assert "{" not in str(fault) + fault.zh
        assert any("\u4e00" <= sign <= "\u9fff" for sign in fault.zh)


def test_an_unknown_kind_names_the_known_ones() -> None:
    document, feed = named("rss", "rss2_plain")
    with pytest.raises(Unreadable, match=r"known: board, discuz"):
        parse(document, replace(feed, kind="telepathy"))


def test_an_installed_package_adds_a_kind_but_cannot_replace_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.parse import kinds

    (tmp_path / "wangzhou_bulletin.py").write_text(
        "from monitor.parse.draft import draft\n"
        "def read(document, feed):\n"
        "    return [draft(document, feed, text=line) for line in document.body.decode().splitlines()]\n"
    )
    info = tmp_path / "wangzhou_bulletin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wangzhou-bulletin\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[xinshao.kinds]\nbulletin = wangzhou_bulletin:read\nrss = wangzhou_bulletin:read\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    kinds._plugged.cache_clear()
    document, feed = named("rss", "rss2_plain")
    try:
        posts = parse(replace(document, body="第一条\n第二条".encode()), replace(feed, kind="bulletin"))
        assert [post.text for post in posts] == ["第一条", "第二条"]
        assert len(parse(document, feed)) == 2
        assert parse(document, feed)[0].title
        entry = {"name": "n", "url": "https://x.example/", "source": "s", "purpose": "p", "legal_basis": "l"}
        assert FeedEntry(**entry, kind="bulletin").feed().kind == "bulletin"
        with pytest.raises(ValueError, match=r"telepathy.*bulletin"):
            FeedEntry(**entry, kind="telepathy")
    finally:
        kinds._plugged.cache_clear()


RSS = '<rss version="2.0"><channel><title>县报</title><item><title>欠薪</title>{}</item></channel></rss>'


@pytest.mark.parametrize(
    ("item", "key", "url"),
    [
        ("<link>http://a.example/p?id=1&amp;section=3</link>", None, "http://a.example/p?id=1&section=3"),
        ("<link>http://a.example/p?id=1&section=3&copy=4</link>", None, "http://a.example/p?id=1&section=3&copy=4"),
        ("<link>http://a.example/p?id=1&amp;amp;region=3</link>",
         "http://a.example/p?id=1&ampregion=3", "http://a.example/p?id=1&region=3"),
        ("<link>http://a.example/7</link><guid>http://a.example/p?a=1&b=2</guid>",
         "http://a.example/p?a=1&b;=2", "http://a.example/7"),
    ],
)  # fmt: skip
def test_an_address_in_a_feed_is_not_read_as_html_and_keeps_its_identity(item: str, key: str | None, url: str) -> None:
    """`&section=3` had become `§ion=3`: another page, and every post of such a feed new."""
    document, feed = named("rss", sorted(DATA.glob("rss/*.golden.json"))[0].name.split(".")[0])
    [post] = parse(replace(document, body=RSS.format(item).encode(), headers={}), feed)
    assert (post.native_id, post.url) == (key or url, url)


def test_of_several_with_one_number_the_first_stays_the_post_it_was() -> None:
    """An article sent again with a correction, or a second sheet, made the known post new."""
    document, feed, _ = pair(sorted(DATA.glob("vendor/*.golden.json"))[0])

    def ids(*rows: tuple[str, str]) -> list[str]:
        articles = [{"id": number, "title": title, "content": "欠"} for number, title in rows]
        body = json.dumps({"data": articles}).encode()
        return [post.id for post in parse(replace(document, body=body, headers={}), replace(feed, options={}))]

    alone = ids(("7", "甲厂欠薪"))
    both = ids(("7", "甲厂欠薪"), ("7", "甲厂欠薪（更正）"))
    assert both[:1] == alone
    assert len(set(both)) == 2
    noughts = ids(("0", "甲厂欠薪"), ("0", "乙厂欠薪"))
    assert set(noughts) == set(ids(("0", "乙厂欠薪"), ("0", "甲厂欠薪")))
    assert len(set(noughts)) == 2
