"""The demo town: its sites speak what real ones speak, its mail box keeps mail and shows it safely."""

from __future__ import annotations

import json
import re
import smtplib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from monitor import config, demo
from monitor.demo.script import Reply, Row
from monitor.demo.stage import Daytime, Stage
from monitor.model import Engagement

ATOM = "{http://www.w3.org/2005/Atom}"
LONG = "工地上的事说来话长，" * 60


def row(number: int, channel: str, **values: object) -> Row:
    site, board = channel.split("/")
    given = {"minute": number, "by": "老槐树下", "text": f"第{number}条帖子", **values}
    return Row(id=f"r{number}", number=10_000 + number, site=site, board=board, **given)  # type: ignore[arg-type]


SCRIPT = (
    *(row(n, "bbs/2", title=f"话题{n}") for n in range(1, 26)),
    row(30, "bbs/2", title="镕喆🏗️", text=LONG, replies=tuple(Reply(n, f"网友{n}", f"第{n}楼") for n in range(1, 13))),
    *(row(n, "board/8102", title=f"留言{n}") for n in range(40, 65)),
    row(70, "board/8102", title="有答复的", replies=(Reply(5, "县人社局", "已收悉。"),)),
    *(row(n, "news/minsheng", title=f"新闻{n}", text="第一段。\n第二段。") for n in range(80, 105)),
    row(110, "rss/wanbao", title="晚报 <一条> & ]]>", text="甲\n乙", seen=((0, Engagement(comments=7)),)),
    row(111, "atom/shenbian", title="公众号文章", text="a<b\nc", seen=((0, Engagement(comments=3)),)),
    row(112, "json/video", text="塔吊上有人", seen=((0, Engagement(10, 1, 0, 0)), (60, Engagement(900, 80, 7, 5)))),
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[demo.Town]:
    with demo.start(all_at_once=True, home=tmp_path_factory.mktemp("town"), script=SCRIPT) as open_town:
        yield open_town


@pytest.fixture(scope="module")
def web(town: demo.Town) -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10) as client:
        yield client


# ------------------------------------------------------------------ forum
def test_the_forum_speaks_gbk_and_its_rss_stops_at_twenty_items_of_250_characters(
    town: demo.Town, web: httpx.Client
) -> None:
    answer = web.get(f"{town.urls['bbs']}/forum.php?mod=rss&fid=2")
    assert answer.headers["content-type"] == "application/xml"
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode("utf-8")
    channel = ET.fromstring(answer.content.decode("gbk").replace('encoding="gbk"', "")).find("channel")
    assert channel is not None
    items = channel.findall("item")
    assert len(items) == 20
    assert items[0].findtext("title") == "镕喆🏗️"  # what GBK lacks comes as a character reference
    assert len(items[0].findtext("description", "")) <= 250
    assert items[0].findtext("link", "").endswith("forum.php?mod=viewthread&tid=10030")
    assert items[0].findtext("pubDate", "").endswith("GMT")
    assert channel.findtext("ttl") == "30"


def test_a_forum_that_is_not_there_says_so_as_discuz_does(town: demo.Town, web: httpx.Client) -> None:
    answer = web.get(f"{town.urls['bbs']}/forum.php?mod=rss&fid=99")
    assert (answer.status_code, answer.text) == (200, "Specified forum not found")


def test_forum_lists_and_threads_turn_pages(town: demo.Town, web: httpx.Client) -> None:
    base = f"{town.urls['bbs']}/forum.php"
    pages = [web.get(base, params={"mod": "forumdisplay", "fid": 2, "page": n}).content.decode("gbk") for n in (1, 2)]
    found = [re.findall(r'<tbody id="normalthread_(\d+)">', page) for page in pages]
    assert [len(each) for each in found] == [20, 6]
    assert not set(found[0]) & set(found[1])
    thread = [
        web.get(base, params={"mod": "viewthread", "tid": 10030, "page": n}).content.decode("gbk") for n in (1, 2)
    ]
    assert [len(re.findall(r'id="postmessage_', page)) for page in thread] == [10, 3]
    assert LONG in thread[0]
    assert "第12楼" in thread[1]


def test_what_needs_a_sign_in_asks_for_it(town: demo.Town, web: httpx.Client) -> None:
    assert "登录" in web.get(f"{town.urls['bbs']}/forum.php?mod=post").content.decode("gbk")


# ------------------------------------------------------------------ message board
def test_the_board_answers_a_form_with_json_called_html_ten_rows_at_a_time(town: demo.Town, web: httpx.Client) -> None:
    url = f"{town.urls['board']}/threads/queryThreadsList"
    seen, last = [], 0
    while True:
        answer = web.post(url, data={"fid": "8102", "state": "1", "lastItem": last}, headers={"Referer": url})
        assert answer.headers["content-type"].startswith("text/html")
        data = json.loads(answer.content)
        assert data["result"] == "success"
        if not data["responseData"]:
            break
        assert len(data["responseData"]) <= 10
        seen += data["responseData"]
        last = data["responseData"][-1]["tid"]
    tids = [thread["tid"] for thread in seen]
    assert tids == sorted(tids, reverse=True)
    assert len(tids) == len(set(tids)) == 26
    assert seen[0]["answerOrganization"] == "县人社局"
    assert abs(seen[0]["dateline"] - datetime.now(UTC).timestamp()) < 25 * 3600


@pytest.mark.parametrize(("state", "expected"), [("2", 10), ("4", 1)])
def test_the_board_filters_by_state(town: demo.Town, web: httpx.Client, state: str, expected: int) -> None:
    url = f"{town.urls['board']}/threads/queryThreadsList"
    answer = web.post(url, data={"fid": "8102", "state": state}, headers={"Referer": url})
    assert len(json.loads(answer.content)["responseData"]) == expected


def test_the_board_wants_a_referer_and_a_post(town: demo.Town, web: httpx.Client) -> None:
    url = f"{town.urls['board']}/threads/queryThreadsList"
    assert json.loads(web.post(url, data={"fid": "8102"}).content)["result"] == "failed"
    assert web.get(url).status_code == 405
    assert "有答复的" in web.get(f"{town.urls['board']}/threads/content?tid=10070").text


# ------------------------------------------------------------------ news
def test_news_lists_lead_to_every_article(town: demo.Town, web: httpx.Client) -> None:
    links: list[str] = []
    for name in ("index.html", "index_2.html"):
        page = web.get(f"{town.urls['news']}/minsheng/{name}").text
        links += re.findall(r'<li><a href="(/minsheng/[^"]+)" target', page)
    assert len(set(links)) == 25
    article = web.get(town.urls["news"] + links[0])
    assert "<p>第二段。</p>" in article.text
    assert "<h1>新闻104</h1>" in article.text
    assert web.get(f"{town.urls['news']}/minsheng/index_3.html").status_code == 404
    assert web.get(town.urls["news"] + links[0].replace("10104", "10030")).status_code == 404


# ------------------------------------------------------------------ feeds
FEEDS = [
    ("rss/wanbao", "application/rss+xml"),
    ("atom/shenbian", "application/atom+xml"),
    ("json/video", "application/feed+json"),
]


@pytest.mark.parametrize(("path", "media_type"), FEEDS)
def test_feeds_answer_304_to_who_has_them(town: demo.Town, web: httpx.Client, path: str, media_type: str) -> None:
    url = f"{town.urls['feeds']}/{path}"
    first = web.get(url)
    assert first.headers["content-type"].startswith(media_type)
    by_tag = web.get(url, headers={"If-None-Match": first.headers["etag"]})
    by_date = web.get(url, headers={"If-Modified-Since": first.headers["last-modified"]})
    assert (by_tag.status_code, by_tag.content) == (304, b"")
    assert by_date.status_code == 304
    assert web.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_each_kind_of_feed_carries_title_text_and_spread(town: demo.Town, web: httpx.Client) -> None:
    rss, atom, videos = (web.get(f"{town.urls['feeds']}/{path}") for path, _ in FEEDS)
    item = ET.fromstring(rss.content).find("channel/item")
    assert item is not None
    assert item.findtext("title") == "晚报 <一条> & ]]>"
    assert item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") == "<p>甲</p><p>乙</p>"
    assert item.findtext("{http://purl.org/rss/1.0/modules/slash/}comments") == "7"
    entry = ET.fromstring(atom.content).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}content") == "<p>a&lt;b</p><p>c</p>"
    video = videos.json()["items"][0]
    assert video["_engagement"] == {"views": 900, "likes": 80, "comments": 7, "reposts": 5}
    assert "title" not in video
    for site in ("bbs", "board", "news", "feeds"):
        assert "User-agent: *" in web.get(f"{town.urls[site]}/robots.txt").text


# ------------------------------------------------------------------ the clock of the town
def test_the_day_passes_at_the_speed_asked_for_and_nothing_is_dated_ahead() -> None:
    start, passed = datetime(2026, 11, 25, 1, 0, tzinfo=UTC), [0.0]
    day = Daytime(started_at=start, speed=60, opens=50, now=lambda: start + timedelta(minutes=passed[0]))
    stage = Stage(SCRIPT, day)
    assert [post.row.number for post in stage.shown("json")] == []
    assert len(stage.shown("board")) == 11
    passed[0] = 1.1  # minute 116
    (video,) = stage.shown("json", "video")
    assert video.engagement == Engagement(10, 1, 0, 0)
    assert video.at == start + timedelta(minutes=(112 - 50) / 60) <= day.now()
    passed[0] = 2.1  # minute 176
    assert stage.shown("json")[0].engagement == Engagement(900, 80, 7, 5)
    assert stage.shown("board")[-1].at == start - timedelta(minutes=10)


def test_a_day_that_is_over_lies_in_the_past() -> None:
    start = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    stage = Stage(SCRIPT, Daytime(started_at=start))
    assert all(post.at <= start and post.changed_at <= start for post in stage.shown("bbs"))


# ------------------------------------------------------------------ mail box
def letter(subject: str = "【红】望江台", html: str = "") -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"], message["From"], message["To"] = subject, "xinshao@qinghe.example", "duty@hrss.qinghe.example"
    message.set_content("未核实。请在十分钟内签收。")
    if html:
        message.add_alternative(html, subtype="html")
    return message


def test_mail_is_kept_written_and_shown(town: demo.Town, web: httpx.Client) -> None:
    before = len(town.mail_box)
    evil = '<p onclick="x()">表</p><script>alert(1)</script><img src="cid:chart"><form action="/x"><input></form>'
    message = letter(html=evil)
    message.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<chart>")  # type: ignore[index,union-attr]
    with smtplib.SMTP(town.mail_box.smtp_host, town.mail_box.smtp_port, timeout=10) as post:
        post.send_message(message)
    assert town.mail_box.wait(before + 1, 10)
    mail = town.mail_box.mails("duty@hrss.qinghe.example")[-1]
    assert (mail.subject, mail.level, mail.sender) == ("【红】望江台", "red", "xinshao@qinghe.example")
    assert [path.read_bytes() for path in sorted((town.home / "mail").glob("*.eml"))][-1] == mail.raw
    assert "望江台" in web.get(town.mail_box.url).text
    shown = web.get(f"{town.mail_box.url}mail/{mail.number}").text
    assert '<iframe sandbox=""' in shown
    body = web.get(f"{town.mail_box.url}mail/{mail.number}/body")
    assert "sandbox" in body.headers["content-security-policy"]
    for refused in ("script", "onclick", "form", "input", "cid:"):
        assert refused not in body.text
    picture = re.search(r'src="(/mail/[^"]+)"', body.text)
    assert picture
    assert web.get(town.mail_box.url.rstrip("/") + picture[1]).content == b"\x89PNG"
    assert web.get(f"{town.mail_box.url}mails.json").json()[-1]["level"] == "red"


@pytest.mark.parametrize(
    ("subject", "level"),
    [("【橙·未核实】X207", "orange"), ("[黄色]锦禾苑", "yellow"), ("日报", None), ("红薯【蓝】", "blue")],
)
def test_the_level_of_a_mail_is_read_from_its_subject(town: demo.Town, subject: str, level: str | None) -> None:
    assert demo.MailBox().receive("a", ["b"], letter(subject).as_bytes()).level == level


# ------------------------------------------------------------------ the operator's files of the town
def test_feeds_and_county_of_the_town_are_good_configuration(town: demo.Town, tmp_path: Path) -> None:
    loaded = config.load(feeds=town.feeds_path, county=town.county_path, settings=config.Settings(home=tmp_path))
    assert {feed.kind for feed in loaded.feeds} == {"rss", "discuz", "board", "listing"}
    assert all(feed.allow == ("127.0.0.0/8",) and feed.url.startswith("http://127.") for feed in loaded.feeds)
    assert (loaded.county.name, loaded.county.city) == ("青禾县", "望舟市")
    assert town.county == loaded.county


def test_two_towns_stand_beside_each_other() -> None:
    with demo.start(all_at_once=True, script=()) as one, demo.start(all_at_once=True, script=()) as other:
        assert one.urls["bbs"] != other.urls["bbs"]
    with pytest.raises(ValueError, match="positive"):
        demo.start(speed=0)
