"""Documents made to hurt: every one is bounded and ends in posts or in a fault, never in a hang, a crash or a lie."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Document, Feed, Post
from monitor.parse import KINDS, Unreadable, bounds, pages, parse
from monitor.parse.draft import count
from monitor.parse.markup import absolute, identity, plain, tidy

NOW = datetime(2026, 1, 10, 4, 0, tzinfo=UTC)


def document(body: str | bytes, url: str = "https://a.example/x") -> Document:
    return Document(url=url, fetched_at=NOW, body=body.encode() if isinstance(body, str) else body)


def feed(kind: str, **more: object) -> Feed:
    return Feed(name="t", kind=kind, url="https://a.example/x", source="t", **more)  # type: ignore[arg-type]


def outcome(kind: str, body: str | bytes) -> str | list[Post]:
    try:
        return parse(document(body), feed(kind))
    except Unreadable as problem:
        return problem.code


RSS = '<rss version="2.0"><channel>'
LAUGHS = (
    '<!DOCTYPE r [<!ENTITY a "'
    + "哈" * 1000
    + '">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 20}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
DEEP = [
    ("rss", RSS + "<item>" + "<a>" * 100_000 + "</item>", "too_deep"),
    ("rss", RSS + "<item><description>" + "&lt;div&gt;" * 50_000 + "</description></item></channel></rss>", "too_deep"),
    ("page", "<div>" * 1_000_000, "too_deep"),
    ("page", "<div>" * 100_000 + "x" + "</div>" * 100_000, "too_deep"),
    ("page", "<div></b>" * 50_000, "too_deep"),
    ("page", "<div><!--</div>-->" * 50_000, "too_deep"),
    ("page", '<div a="</div>">' * 50_000, "too_deep"),
    ("page", "<div a='>' b=c'd ='>" * 50_000, "too_deep"),
    ("page", "<svg><title>" + "<div><!--</div>-->" * 20_000, "too_deep"),
    ("page", "<b>" * 20_000 + "x", "too_deep"),
    ("page", "<i></i>" * 40_000, "too_many_tags"),
    ("listing", "<a href=/x>" * 50_000, "too_deep"),
    ("discuz", "<div id=postmessage_1>" * 50_000, "too_deep"),
    ("board", "[" * 200_000, "too_deep"),
    ("weibo", '{"a":' * 200_000, "too_deep"),
    ("douyin", '{"data":{"list":[' * 50_000, "too_deep"),
    ("vendor", "[[" * 100_000, "too_deep"),
    ("file", "[" * 200_000, "too_deep"),
    ("rss", '{"version":"https://jsonfeed.org/version/1","items":' + "[" * 200_000, "too_deep"),
]


@pytest.mark.parametrize(("kind", "body", "code"), DEEP, ids=[f"{kind}-{body[:16]}" for kind, body, _ in DEEP])
def test_depth_is_refused_before_any_parser_sees_it(kind: str, body: str, code: str) -> None:
    assert outcome(kind, body) == code


BROKEN = [
    ("rss", RSS + "<!DOCTYPE[" * 100_000),
    ("rss", RSS + "<![CDATA[" * 100_000),
    ("rss", RSS + "<item><description>" + "&lt;" * 200_000 + "</description></item>"),
    ("page", "<!--" * 200_000),
    ("page", "<" * 500_000),
    ("page", "&#x" * 300_000),
    ("page", '<a b="' * 200_000),
    ("page", "<title>" * 200_000),
    ("page", "<table><td></div>" * 9_000),
    ("sitemap", "<urlset>" + "<url>" * 200_000),
    ("sitemap", "<urlset><url>" + "<loc>" * 100_000),
    ("sitemap", "<urlset><url>" + "<loc><![CDATA[" * 100_000),
    ("file", "," * 1_000_000),
    ("file", '"' * 500_001),
    ("weibo", '{"a":"' + "\\" * 500_001),
    ("board", "a" * 1_000_000 + "("),
    ("listing", "<ul>" + "<li><a href=/x>标题标题标题标题标题</a></li>" * 3_000),
    ("listing", "<ul>" + f"<li><a href=/x>县人社局通报欠薪企业</a>{'1' * 400_000}</li>" * 2 + "</ul>"),
]


@pytest.mark.parametrize(("kind", "body"), BROKEN, ids=[f"{kind}-{body[:16]}" for kind, body in BROKEN])
def test_broken_markup_costs_no_more_than_its_length(kind: str, body: str) -> None:
    """A quadratic reader would take minutes on these; the run as a whole is what times them."""
    found = outcome(kind, body)
    assert isinstance(found, str) or len(found) <= 1


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS + RSS + "<item><title>&i;</title><link>/1</link></item></channel></rss>",
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + RSS
        + "<item><title>&x;</title><link>/1</link></item>",
        RSS + '<!DOCTYPE r [<!ENTITY x "y">]><item><title>&x;</title><link>/1</link></item>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">' + RSS + "<item><title>t</title><link>/1</link></item>",
    ],
    ids=["laughs", "file", "inside", "external"],
)
def test_entities_are_never_defined_by_a_feed(body: str) -> None:
    found = outcome("rss", body)
    for post in found if isinstance(found, list) else ():
        assert len(post.full_text) < 100
        assert "root:" not in post.full_text


def test_a_hundred_thousand_items_give_the_first_five_hundred() -> None:
    body = RSS + "".join(f"<item><title>第{n}条</title><link>/{n}</link></item>" for n in range(100_000))
    posts = parse(document(body), feed("rss"))
    assert len(posts) == bounds.MAX_POSTS
    assert posts[0].title == "第0条"


def test_a_document_type_told_in_a_text_is_only_text() -> None:
    body = RSS + "<item><title>a</title><description><![CDATA[网页开头写 &lt;!DOCTYPE html&gt; ]]></description></item>"
    assert "<!DOCTYPE html>" in parse(document(body), feed("rss"))[0].text


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(
    "body", ["", "   \n", "\x00", "乱" * 50, "\ufffd" * 300, "<html></html>", "{}", "[]", "null", "0"]
)
def test_rubbish_and_emptiness_are_faults_never_an_empty_list(kind: str, body: str) -> None:
    if kind == "page" and body.startswith("乱"):
        pytest.skip("fifty characters of text are an article to a machine")
    assert isinstance(outcome(kind, body), str)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_document_above_the_size_limit_is_refused(kind: str) -> None:
    assert outcome(kind, b"<p>x</p>" * (bounds.MAX_BYTES // 8 + 1)) == "too_big"


SCRIPTS = [
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mtext><script>alert(1)</script>",
    "<a href=javascript:alert(1)>x</a>",
    "<style>@import 'x'</style>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<scr<script>ipt>alert(1)</script>",
    "<body onload=alert(1)>",
    "<object data=x>",
    "<textarea><script>alert(1)</script></textarea>",
    "<base href=//e.example>",
    "<form action=//e.example><button>x</button></form>",
    "<p style='background:url(javascript:1)'>x</p>",
    "<!--><script>alert(1)</script>-->",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_survives_in_a_text(script: str) -> None:
    item = f"<item><title><![CDATA[题{script}]]></title><description><![CDATA[工地{script}欠薪]]></description></item>"
    post = parse(document(RSS + item), feed("rss"))[0]
    for sign in ("<svg", "<img", "<iframe", "onerror=", "onload=", "javascript:", "<script"):
        assert sign not in post.full_text
    assert "工地" in post.text


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:a@b",
        "java\nscript:x",
        "http://",
        "http://[::1",
    ],
)
def test_only_web_addresses_become_links(link: str) -> None:
    assert absolute("https://a.example/", link) is None


def workbook(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        workbook({"a.txt": b"x"}),
        workbook({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY x "y">]><workbook/>'}),
        workbook({"xl/worksheets/sheet1.xml": b"0" * 210_000_000}),
        b"PK\x03\x04" + b"\x00" * 200,
    ],
    ids=["no-workbook", "entities", "bomb", "cut"],
)
def test_a_workbook_that_is_none_is_a_fault(body: bytes) -> None:
    assert outcome("file", body) == "sheet"


# ------------------------------------------------------------------ one post must not hide the others
NINES = "9" * 5_000


@pytest.mark.parametrize(
    "said",
    [f"&#{NINES};", f"&amp;#{NINES};", f"&#x{NINES};", "&#99999999;", "&#xD800;", "http://[::1", "http://[链接"],
    ids=["number", "escaped", "hexadecimal", "eight digits", "surrogate", "half an address", "an address in brackets"],
)
@pytest.mark.parametrize("kind", ["rss", "sitemap", "wechat", "mailbox", "file"])
def test_a_post_that_names_a_character_beyond_all_takes_no_other_with_it(kind: str, said: str) -> None:
    """Anybody who could write a post could keep his forum from being read, for as long as it stood in the list."""
    words, cry = f"工资没发 {said}", "我不想活了，工资没发"
    bodies = {
        "rss": f"<rss version='2.0'><channel><item><title>{words}</title><link>http://a.example/1</link></item>"
        f"<item><title>{cry}</title><link>http://a.example/2</link></item></channel></rss>",
        "sitemap": '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        + "".join(
            f"<url><loc>http://a.example/{at}</loc><news:news><news:title>{title}</news:title></news:news></url>"
            for at, title in enumerate((words, cry))
        )
        + "</urlset>",
        "wechat": f"<xml><FromUserName>u</FromUserName><CreateTime>1764000000</CreateTime><MsgType>text</MsgType>"
        f"<Content>{cry} {said}</Content><MsgId>1</MsgId></xml>",
        "mailbox": f"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{cry} {said}",
        "file": f"标题,内容\n一,{words}\n二,{cry}\n",
    }
    found = parse(document(bodies[kind]), feed(kind))
    assert any(cry in post.full_text for post in found)


@pytest.mark.parametrize("address", ["http://[::1", "http://a.example:99999/x", "http://a.example:x/", "http://[a]b/"])
def test_an_address_that_is_none_hides_no_other_post(address: str) -> None:
    rows = [
        {"id": address, "title": "一", "content": "工资没发", "url": address},
        {"title": "二", "content": "我不想活了"},
    ]
    body = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    first, second = parse(document(body), feed("file"))
    assert first.native_id == address
    assert first.url is None
    assert second.text == "我不想活了"
    items = "".join(f"<item><title>{at}</title><guid>{guid}</guid></item>" for at, guid in enumerate((address, "b")))
    assert len(parse(document(f"<rss version='2.0'><channel>{items}</channel></rss>"), feed("rss"))) == 2


def test_a_number_that_no_database_holds_names_its_post_all_the_same() -> None:
    """PostgreSQL refuses a NUL, and with the one post the batch that it came in."""
    rows = [
        {"id": "8\x00", "content": "工资没发"},
        {"id": "\ud800", "content": "我不想活了"},
        {"id": "\x00", "content": "三"},
    ]
    found = parse(document(json.dumps({"posts": rows})), feed("vendor"))
    assert [post.native_id.split(":")[0] for post in found] == ["8", "?", "text"]


def test_a_page_of_a_board_that_holds_no_message_is_a_fault() -> None:
    """It had ended the poll of the whole board: what else was new there was not taken."""
    stub = parse(document("标题,内容\n一,工资没发\n"), feed("file"))[0]
    with pytest.raises(Unreadable):
        pages(document('{"data": []}'), feed("board", minimum=0), stub)


# ------------------------------------------------------------------ properties
@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=400))
def test_any_bytes_end_in_posts_or_in_a_fault(kind: str, body: bytes) -> None:
    found = outcome(kind, body)
    assert isinstance(found, str) or all(post.full_text for post in found)


PIECES = st.lists(
    st.sampled_from(
        [
            "<div>",
            "</div>",
            "<p>",
            "<a href='/1'>",
            "</a>",
            "<li>",
            "<rss>",
            "<item>",
            "</item>",
            "<title>",
            "</title>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "&lt;",
            "工资没发，",
            "<script>",
            "</script>",
            "2026-01-09",
            '{"statuses":[',
            '{"id":1}',
            "]}",
            "<url>",
            "<loc>",
        ]
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(KINDS)), PIECES)
def test_any_pile_of_markup_ends_in_posts_or_in_a_fault(kind: str, pieces: list[str]) -> None:
    found = outcome(kind, "".join(pieces))
    assert isinstance(found, str) or all(
        (post.full_text and post.published_at is None) or post.full_text for post in found
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "statuses",
                    "data",
                    "list",
                    "id",
                    "text",
                    "user",
                    "tid",
                    "subject",
                    "responseData",
                    "title",
                    "cards",
                    "mblog",
                    "items",
                    "result",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["board", "weibo", "douyin", "vendor", "file", "rss"]), JSON)
def test_any_json_ends_in_posts_or_in_a_fault(kind: str, value: object) -> None:
    found = outcome(kind, json.dumps(value))
    assert isinstance(found, str) or all(post.full_text for post in found)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_plain_text_is_tidy_and_stays_so(text: str) -> None:
    once = plain(text)
    assert tidy(once) == once
    once.encode("utf-8")
    assert not any(sign in once for sign in "\x00\r\u200b\ufeff")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["discuz", "listing", "page"]))
def test_completing_a_stub_never_changes_its_id(text: str, kind: str) -> None:
    stub = Post(id="a" * 16, text="", title="题", url="https://a.example/thread-1-1-1.html", complete=False)
    body = f"<html><body><h1>题</h1><article><p>{text}拖欠工资，至今未付，请求帮助。</p></article></body></html>"
    with contextlib.suppress(Unreadable):
        assert pages(document(body), feed(kind), stub)[0].id == stub.id


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1.2万", 12000),
        ("10万+", 100000),
        ("3亿", 300000000),
        ("1,204", 1204),
        ("2.5w", 25000),
        ("1k", 1000),
        (7, 7),
        ("0", 0),
        ("赞", None),
        ("转发", None),
        ("", None),
        (None, None),
        (-3, None),
        ("-3", None),
        (True, None),
        (1e300, None),
        ("9" * 40, None),
    ],
)
def test_counters_are_read_as_platforms_write_them(written: object, number: int | None) -> None:
    assert count(written) == number


def test_the_same_page_shared_on_is_the_same_page() -> None:
    base = identity("https://A.example:443/a?id=1#top")
    assert base == identity("http://a.example/a?id=1&utm_source=x&from=groupmessage&spm=2") == "a.example/a?id=1"
    assert identity("https://a.example/a?id=2") != base


def test_a_post_holds_at_most_so_many_characters() -> None:
    body = "<article><p>" + "欠薪。" * 60_000 + "</p></article>"
    assert len(parse(document(body), feed("page"))[0].text) == bounds.MAX_TEXT


def test_a_listing_with_follow_keeps_its_rows_incomplete() -> None:
    body = (
        "<ul>" + "".join(f"<li><a href=/{n}>青禾县第{n}号欠薪案办结</a> 2026-01-0{n}</li>" for n in (1, 2, 3)) + "</ul>"
    )
    assert [post.complete for post in parse(document(body), feed("listing", follow=True))] == [False] * 3
    assert [post.complete for post in parse(document(body), replace(feed("listing"), follow=False))] == [True] * 3
