"""The commands of this part, as a person or a pipe uses them: `parse`, `feed add`, `feed test`; a site on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer
from collect_imap import Mailbox
from typer.testing import CliRunner

from monitor.commands import parsing, watching
from monitor.config import read_feeds
from monitor.errors import ConfigError
from monitor.model import Document
from monitor.parse.propose import propose, text_rule

DATA = Path(__file__).parent / "data" / "parse"
app = typer.Typer()
app.callback()(lambda: None)
parsing.register(app)
watching.register(app)
runner = CliRunner()


def run(*words: str, given: bytes | None = None) -> tuple[int, str, str]:
    result = runner.invoke(app, list(words), input=given)
    return result.exit_code, result.stdout, result.stderr


# ------------------------------------------------------------------ parse
def parsed(kind: str, file: str, url: str) -> tuple[int, list[dict[str, object]], str]:
    code, out, problem = run(
        "parse", str(DATA / kind / file), "--kind", kind, "--url", url, "--fetched-at", "2026-01-10T12:00:00+08:00"
    )
    return code, [json.loads(line) for line in out.splitlines()], problem


@pytest.mark.parametrize(
    ("kind", "file", "url", "posts"),
    [
        ("rss", "rss2_plain.xml", "https://news.qinghe.example/feed.xml", 2),
        ("rss", "json_feed_html.json", "https://v.qinghe.example/feed.json", 1),
        ("page", "density.html", "https://www.qinghe.example/a.html", 1),
        ("listing", "guessed_list.html", "https://www.qinghe.example/xw/", 4),
        ("discuz", "board_feed_gbk.xml", "https://bbs.qinghe.example/forum.php?mod=rss&fid=2", 2),
        ("discuz", "thread_with_replies_gbk.html", "https://bbs.qinghe.example/thread-30112-1-1.html", 3),
        ("board", "people_list.json", "https://liuyan.people.com.cn/threads/queryThreadsList", 2),
        ("weibo", "official_search.json", "https://api.weibo.com/2/search/statuses.json", 2),
        ("douyin", "official_videos.json", "https://open.douyin.com/video/search/", 1),
        ("vendor", "chinese_names.json", "https://yuqing.example/v1/articles", 1),
        ("sitemap", "news.xml", "https://news.qinghe.example/sitemap_news.xml", 2),
        ("file", "hotline_workbook.xlsx", "file:x.xlsx", 2),
    ],
)
def test_a_file_becomes_one_line_a_post(kind: str, file: str, url: str, posts: int) -> None:
    code, rows, _ = parsed(kind, file, url)
    assert (code, len(rows)) == (0, posts)
    for row in rows:
        assert set(row) >= {
            "id",
            "title",
            "text",
            "platform",
            "url",
            "published_at",
            "author",
            "engagement",
            "native_id",
        }
        assert isinstance(row["id"], str)
        assert isinstance(row["text"], str)
        assert row["published_at"] is None or datetime.fromisoformat(str(row["published_at"])).tzinfo


def test_the_platform_is_named_for_platform_kinds_and_is_the_host_for_others() -> None:
    assert parsed("weibo", "official_search.json", "https://api.weibo.com/2/x")[1][0]["platform"] == "weibo"
    assert parsed("rss", "rss2_plain.xml", "https://news.qinghe.example/f")[1][0]["platform"] == "news.qinghe.example"


def test_what_cannot_be_read_is_one_sentence_and_exit_1() -> None:
    code, rows, problem = parsed("rss", "web_page_instead.html", "https://news.qinghe.example/feed.xml")
    assert (code, rows) == (1, [])
    assert "no RSS, Atom or JSON Feed" in problem
    assert problem.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("parse", "nowhere.xml", "--kind", "rss", "--url", "https://a.example/"),
        ("parse", str(DATA / "rss" / "rdf.xml"), "--kind", "telepathy", "--url", "https://a.example/"),
        (
            "parse",
            str(DATA / "rss" / "rdf.xml"),
            "--kind",
            "rss",
            "--url",
            "https://a.example/",
            "--fetched-at",
            "soon",
        ),
        ("parse", str(DATA / "rss" / "rdf.xml"), "--kind", "rss"),
        ("feed", "test", "不存在", "--feeds", "nowhere.yaml"),
    ],
)
def test_wrong_usage_is_exit_2(words: tuple[str, ...]) -> None:
    result = runner.invoke(app, list(words))
    assert result.exit_code == 2 or isinstance(result.exception, ConfigError)


def test_a_document_may_come_by_pipe() -> None:
    body = (DATA / "rss" / "rdf.xml").read_bytes()
    code, out, _ = run("parse", "-", "--kind", "rss", "--url", "https://old.qinghe.example/", given=body)
    assert code == 0
    assert "砖厂" in out


# ------------------------------------------------------------------ feed add, feed test
ROWS = "".join(
    f'<li><a href="/a/{n}.html">青禾县第{n}号拖欠工资案</a><span class="d">2026-01-0{n}</span></li>'
    for n in range(1, 7)
)
TEXT = "该项目拖欠的工资已经全部付清，工人当日领到。" * 4
ARTICLE = f"<html><body><h1>结果公布</h1><div class='TRS_Editor'><p>{TEXT}</p></div></body></html>"
OFFER = '<link rel="alternate" type="application/rss+xml" title="青禾要闻" href="/feed.xml">'
PAGES = {
    "/": f"<html><head>{OFFER}</head><body>首页</body></html>",
    "/feed.xml": (DATA / "rss" / "rss2_plain.xml").read_text("utf-8").replace("https://news.qinghe.example/", "/"),
    "/list/": f"<html><body><ul class='news'>{ROWS}</ul></body></html>",
    "/threads/list?fid=539": f"<html><body><ul class='news'>{ROWS}</ul></body></html>",
    "/dead/": '<html><body><div id="app"></div></body></html>',
    "/2026/0108/a1.html": ARTICLE,
    "/2026/0107/b2.html": ARTICLE,
    **{f"/a/{n}.html": ARTICLE for n in range(1, 7)},
}


class Site(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        wanted = self.path == "/threads/queryThreadsList" and "fid=539" in asked
        self.say((DATA / "board" / "people_list.json").read_bytes() if wanted else b"")

    def do_GET(self) -> None:
        self.say(PAGES.get(self.path, "").encode())

    def say(self, body: bytes) -> None:
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def squeezed(table: str) -> str:
    """A table's words without its frame and its line breaks inside cells."""
    return "".join(sign for sign in table if sign not in " \n│┃")


SAID = ("--name", "青禾", "--purpose", "发现个案", "--legal-basis", "公开新闻", "--allow", "127.0.0.0/8", "--yes")


def test_a_site_that_offers_a_feed_is_watched_by_it(site: str, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    code, out, problem = run("feed", "add", site + "/", *SAID, "--feeds", str(file))
    assert code == 0, problem
    assert "青禾要闻" in problem
    assert "北河镇一工地" in squeezed(out)
    (feed,) = read_feeds(file)
    assert (feed.kind, feed.url, feed.follow) == ("rss", site + "/feed.xml", True)
    code, out, problem = run("feed", "test", "青禾", "--feeds", str(file), "--json")
    assert code == 0, problem
    assert "全部付清" in out


def test_a_list_without_a_feed_gets_selectors_and_the_file_keeps_its_comments(site: str, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    before = (
        "# 县里的清单\nfeeds:\n"
        "  - {name: 旧, kind: rss, url: 'https://a.example/', source: 旧, purpose: p, legal_basis: l}\n"
    )
    file.write_text(before, "utf-8")
    code, out, problem = run("feed", "add", site + "/list/", *SAID, "--feeds", str(file))
    assert code == 0, problem
    assert "青禾县第1号" in squeezed(out)
    text = file.read_text("utf-8")
    assert text.startswith(before.rstrip("\n"))
    old, new = read_feeds(file)
    assert (old.name, new.kind, new.follow, new.minimum) == ("旧", "listing", True, 2)
    rules = {"item": "ul.news > li", "link": "a", "title": "a", "time": "span.d", "text": "div.TRS_Editor"}
    assert new.selectors == rules
    assert f"selectors: {json.dumps(rules)}" in problem, "what will be saved is shown first"
    assert run("feed", "test", "青禾", "--feeds", str(file))[0] == 0


def test_the_page_of_a_message_board_leads_to_the_list_behind_it(site: str, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    code, _, problem = run("feed", "add", site + "/threads/list?fid=539", *SAID, "--feeds", str(file))
    assert code == 0, problem
    (feed,) = read_feeds(file)
    assert (feed.kind, feed.url, feed.options["fid"]) == ("board", site + "/threads/queryThreadsList", "539")


def test_an_intranet_address_is_refused_with_what_would_admit_it(tmp_path: Path) -> None:
    code, _, problem = run("feed", "add", "http://127.0.0.1:8/", "--feeds", str(tmp_path / "feeds.yaml"))
    assert code == 1
    assert "--allow" in problem


def article(body: str, *, furniture: str = "") -> Document:
    whole = f"<html><body><div class='wrap'>{furniture}{body}</div></body></html>"
    now = datetime.fromisoformat("2026-01-10T12:00:00+08:00")
    return Document(url="https://www.qinghe.example/1.html", fetched_at=now, body=whole.encode())


@pytest.mark.parametrize(
    ("bodies", "rule"),
    [
        ((f"<div id='main'><p>时间</p><div class='zw'>{TEXT}</div></div>",) * 2, "div.zw"),
        ((f"<div id='main'>{TEXT}</div>", f"<div id='main'><p class='x'>{TEXT}</p></div>"), "div#main"),
        ((f"<div class='p'>{TEXT}</div><div class='p'>{TEXT}</div>",) * 2, "div.wrap"),
        ((f"<div class='a1'>{TEXT}</div>", f"<section class='b'>{TEXT}</section>"), "div.wrap"),
        ((f"<div class='zw'>{TEXT}</div>",), ""),
        (("<p>短</p>", "<p>短</p>"), ""),
    ],
)
def test_the_place_of_the_article_is_proposed_where_all_pages_agree(bodies: tuple[str, ...], rule: str) -> None:
    assert text_rule([article(body, furniture="<p>来源：县融媒 字号 大 中 小</p>") for body in bodies]) == rule


def test_nothing_is_saved_without_posts_or_without_a_yes(site: str, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    assert run("feed", "add", site + "/dead/", *SAID, "--feeds", str(file))[0] == 1
    assert run("feed", "add", site + "/list/", *SAID[:-1], "--feeds", str(file), given=b"n\n")[0] == 1
    assert run("feed", "add", "http://127.0.0.1:9/", "--yes", "--feeds", str(file))[0] == 1
    assert not file.exists()


def test_a_second_feed_of_the_same_name_is_refused_and_the_file_untouched(site: str, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    assert run("feed", "add", site + "/list/", *SAID, "--feeds", str(file))[0] == 0
    before = file.read_bytes()
    result = runner.invoke(app, ["feed", "add", site + "/list/", *SAID, "--feeds", str(file)])
    assert isinstance(result.exception, ConfigError)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["feeds.yaml"]


def test_a_redesign_is_named_by_the_test(site: str, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(
        f"feeds:\n  - {{name: 网, kind: listing, url: '{site}/list/', source: 网, purpose: p, legal_basis: l,"
        " allow: [127.0.0.0/8], selectors: {item: table.old tr}}\n"
    )
    code, _, problem = run("feed", "test", "网", "--feeds", str(file))
    assert code == 1
    assert "table.old tr" in problem


def test_a_file_feed_is_tested_from_disk(tmp_path: Path) -> None:
    sheet, file = tmp_path / "12345.csv", tmp_path / "feeds.yaml"
    sheet.write_bytes((DATA / "file" / "hotline_12345.csv").read_bytes())
    file.write_text(
        f"feeds:\n  - {{name: 热线, kind: file, url: 'file://{sheet}', source: 热线, purpose: p, legal_basis: l}}\n",
        "utf-8",
    )
    assert run("feed", "test", "热线", "--feeds", str(file))[0] == 0


def test_a_mailbox_is_tested_without_marking_a_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "feeds.yaml"
    letters = {1: b"Subject: x\r\nFrom: a@mail.example\r\n\r\n" + "工地没发工资".encode(), 2: b"rubbish"}
    with Mailbox(letters) as box:
        url = f"imap://clues@127.0.0.1:{box.port}/INBOX"
        entry = f"{{name: 邮箱, kind: mailbox, url: '{url}', source: 邮箱, purpose: p, legal_basis: l, minimum: 0,"
        file.write_text(f"feeds:\n  - {entry} allow: [127.0.0.0/8]}}\n", "utf-8")
        assert run("feed", "test", "邮箱", "--feeds", str(file))[0] == 1, "no password is configured"
        monkeypatch.setenv("XINSHAO_TOKENS", '{"邮箱": "password"}')
        code, out, problem = run("feed", "test", "邮箱", "--feeds", str(file), "--json")
        assert (code, json.loads(out)["text"]) == (0, "工地没发工资"), problem
        assert "UID=2" in problem
        assert not any("STORE" in said for said in box.said)


# ------------------------------------------------------------------ proposals
def test_the_shipped_list_of_sources_is_valid_lawful_and_large_enough() -> None:
    from monitor.collect.lawful import faults

    feeds = read_feeds(Path(__file__).parent.parent / "feeds.yaml")
    assert len(feeds) >= 20
    assert sum(feed.enabled for feed in feeds) >= 20
    assert [fault for feed in feeds for fault in faults(feed)] == []
    for feed in feeds:
        assert feed.purpose
        assert feed.legal_basis
        assert feed.owner


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("rss/atom_html.xml", "rss"),
        ("rss/json_feed_text.json", "rss"),
        ("rss/document_type.xml", "rss"),
        ("discuz/board_feed_gbk.xml", "discuz"),
        ("discuz/thread_list_gbk.html", "discuz"),
        ("board/people_list.json", "board"),
        ("board/jsonp_threads.js", "board"),
        ("weibo/export_cards.json", "weibo"),
        ("douyin/official_videos.json", "douyin"),
        ("sitemap/news.xml", "sitemap"),
        ("vendor/bare_list.json", "vendor"),
        ("listing/guessed_list.html", "listing"),
        ("listing/guessed_table_gbk.html", "listing"),
        ("page/government_template.html", "page"),
    ],
)
def test_a_document_is_recognised_by_what_it_is(file: str, kind: str) -> None:
    now = datetime.fromisoformat("2026-01-10T12:00:00+08:00")
    document = Document(url="https://www.qinghe.example/", fetched_at=now, body=(DATA / file).read_bytes())
    assert propose(document).kind == kind
