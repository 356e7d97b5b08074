"""Messages: what they say, what can never get into a header or a page, and how robots and webhooks are spoken to."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ledgerhouse import NOON, joined, ledger_on, reading
from listener import Handler, serving
from mailserver import MailServer, running

from monitor.channels import Channels, links
from monitor.channels.bounces import Bounces
from monitor.channels.mail import Folder, Smtp, compose
from monitor.channels.robots import Robots, Webhook, lines
from monitor.channels.wording import clean, excerpt, facts, money, words
from monitor.config import Settings
from monitor.errors import DeliveryError
from monitor.model import Occasion
from monitor.store import open_store, outbox

BASE = "https://xinshao.qinghe.example"


@pytest.fixture(scope="module")
def warning(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The row of a real first warning, as the ledger queued it for the lead."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('mail') / 'x.db'}")
    ledger_on(store).record(joined(reading(title="讨薪<script>alert(1)</script>"), evidence="ab" * 32))
    with store.read() as c:
        found = {row["recipient"]: row for row in outbox.recent(c)}
    store.close()
    return found["housing@qinghe.example"]


def row(**changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "key": "k", "occasion": "feed_silent", "channel": "mail", "recipient": "a@qinghe.example", "level": 1,
        "incident": None, "department": None, "reason": "青禾论坛三天没有新帖", "data": {},
        "message_id": "<1@xinshao.local>", "created_at": NOON,
    }  # fmt: skip
    return values | changed


def bodies(mail: Any) -> tuple[str, str]:
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return text.get_content(), html.get_content()


# ------------------------------------------------------------------ the early warning
def test_an_early_warning_holds_what_the_officer_needs(warning: dict[str, Any]) -> None:
    mail = compose(warning, sender="xinshao@qinghe.example", base_url=BASE)
    text, html = bodies(mail)
    assert "未核实" in str(mail["Subject"])
    assert "QX-2026-0001" in str(mail["Subject"])
    expected = [
        "未核实", "锦禾苑三期", "甲木建工", "23 人", "46 万元", "3 个月",  # what is known
        "帖文未写明", "地点",  # and what is not
        "住房和城乡建设局", "人力资源和社会保障局", "保障农民工工资支付条例", "签收", "办结",
        f"{BASE}/incidents/QX-2026-0001", "ab" * 32, "帖文 1", f"{BASE}/ack/{warning['data']['token']}",
    ]  # fmt: skip
    for words_ in expected:
        assert words_ in text, words_
        assert words_ in html, words_
    assert '<mark style="background:#ffe58a">工资</mark>' in html
    assert "【工资】" in text
    for never in ("13812345678", "周小明", "某网友", "<script>"):
        assert never not in html, never
        assert never not in text.replace("讨薪<script>alert(1)</script>", ""), never


def test_composing_is_pure(warning: dict[str, Any]) -> None:
    first = compose(warning, sender="x@qinghe.example", base_url=BASE)
    second = compose(warning, sender="x@qinghe.example", base_url=BASE)
    first.set_boundary("b") if first.is_multipart() else None
    second.set_boundary("b")
    assert first.as_bytes() == second.as_bytes()
    assert first["Message-ID"] == warning["message_id"]


def test_a_department_near_the_accused_gets_the_fact_sheet_only(warning: dict[str, Any]) -> None:
    data = {**warning["data"], "fact_sheet": True, "excerpts": [], "evidence": []}
    text, html = bodies(compose({**warning, "data": data}, sender="x@qinghe.example", base_url=BASE))
    for body in (text, html):
        assert words()["labels"]["sheet"] in body
        assert "bbs.qinghe.example" not in body


@pytest.mark.parametrize("occasion", list(Occasion))
def test_every_occasion_can_be_told(warning: dict[str, Any], occasion: Occasion) -> None:
    for given_ in ({**warning, "occasion": occasion.value}, row(occasion=occasion.value)):
        data = {**given_["data"], "occasion": occasion.value}
        mail = compose({**given_, "data": data}, sender="x@qinghe.example", base_url=BASE)
        assert words()["occasions"][occasion.value] in str(mail["Subject"])
        assert all(body.strip() for body in bodies(mail))


# ------------------------------------------------------------------ hostile values (finding 1, fault F33)
HOSTILE = [
    "拖欠\r\nBcc: victim@example.com",
    "拖欠\nBcc: victim@example.com",
    "拖欠\rBcc: victim@example.com",
    "=?utf-8?q?x=0D=0ABcc:_victim@example.com?=",
    "=?utf-8?b?eA0KQmNjOiB2aWN0aW1AZXhhbXBsZS5jb20=?=",
    "=?utf-8?q?=0ASubject:_two?= =?utf-8?q?=0ABcc:_v@example.com?=",
    "a\u2028Bcc: victim@example.com",
    "a\x0bBcc: victim@example.com\x0c\x1c\x85",
    "nul\x00 and \ud800 surrogate",
    "\u202egpj.exe",
    "x" * 5000,
    "%0d%0aBcc: victim@example.com",
    "拖欠\r\n Bcc: victim@example.com",
    "拖欠\r\n\r\n<html>a body of its own",
    "拖欠\r\n.\r\nMAIL FROM:<v@example.com>\r\nRCPT TO:<v@example.com>",
    "=?utf-8?b?5ouW5qyg?= =?utf-8?b?DQpCY2M6IHZAZXhhbXBsZS5jb20=?=",
    "=?gb18030?q?=CD=CF=0D=0ABcc:_v@example.com?=",
    "=?utf-8*zh?q?=0D=0ABcc:_v@example.com?=",
    "= ?utf-8?q?=0D=0ABcc:_v?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3F=0D=0ABcc:_v=3F=3D?=",
    "\u0085Bcc: v@example.com\u2029Bcc: v@example.com",
    "Subject: two\rSubject: three",
    "a\tBcc: v@example.com",
    "\ufeff\r\n\tBcc: v@example.com",
    '"; filename="x.exe',
    "x\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_crawled_title_never_makes_a_header(warning: dict[str, Any], text: str) -> None:
    data = {**warning["data"], "title": text, "subject": text}
    for given_ in ({**warning, "data": data, "incident": text[:20]}, row(reason=text), row(data={"subject": text})):
        mail = compose(given_, sender="x@qinghe.example", base_url=BASE)
        wire = message_from_bytes(mail.as_bytes(), policy=default)
        assert wire["Bcc"] is None
        assert len(wire.get_all("Subject", [])) == 1
        assert not any(ord(char) < 32 for char in str(wire["Subject"]))


@pytest.mark.parametrize("text", HOSTILE)
async def test_on_the_wire_too_there_is_one_mail_with_our_headers_only(text: str) -> None:
    """The whole way to a mail server: title, name of a file, what another server said, and the bounce address."""
    data = {"subject": text, "failed": {"recipient": text, "error": text}, "why_you": text, "delayed": [text]}
    hostile = row(
        id=7, claimed_until=NOON, recipient="ok@qinghe.example", reason=text, incident=text[:40], data=data, level=3
    )
    async with running(MailServer()) as server:
        bounces = Bounces("bounce@qinghe.example", b"key")
        await Smtp("127.0.0.1", server.port, "x@qinghe.example", BASE, tls="none", bounces=bounces).send(hostile)
    ((to, mail),) = server.stored
    assert to == "ok@qinghe.example"
    assert Counter(name.lower() for name in mail.keys()) == dict.fromkeys(  # noqa: SIM118  every one of them counts
        ("subject", "from", "to", "message-id", "date", "auto-submitted", "x-auto-response-suppress",
         "x-xinshao-incident", "importance", "mime-version", "content-type"), 1,
    )  # fmt: skip
    assert "<script>" not in message_from_bytes(mail.as_bytes(), policy=default).get_body(("html",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name", ["a\r\nBcc: v@example.com.xlsx", '"; filename="x.exe', "=?utf-8?q?=0D=0ABcc:_v?=.docx"]
)
def test_the_name_of_a_file_makes_no_header(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    mail = compose(row(data={"attachments": [str(path)]}), sender="x@qinghe.example", base_url=BASE)
    wire = message_from_bytes(mail.as_bytes(), policy=default)
    (part,) = wire.iter_attachments()
    assert wire["Bcc"] is None
    assert not {"bcc"} & {key.lower() for key in part.keys()}  # noqa: SIM118
    assert len(list(wire.walk())) == 5


@given(st.text(max_size=200))
def test_no_text_at_all_makes_a_header(text: str) -> None:
    mail = compose(row(data={"subject": text}), sender="x@qinghe.example", base_url=BASE)
    wire = message_from_bytes(mail.as_bytes(), policy=default)
    assert set(wire.keys()) == {
        "Subject", "From", "To", "Message-ID", "Date", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "nobody",
        "a@b\r\nBcc: v@example.com",
        "a@qinghe.example, b@example.com",
        "=?utf-8?q?v@example.com?=",
        "a b@c.d",
    ],
)
def test_what_is_no_address_is_refused_for_good(recipient: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        compose(row(recipient=recipient), sender="x@qinghe.example", base_url=BASE)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://bbs.qinghe.example/t/1", True),
        ("http://bbs.qinghe.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://a.example/ x", False),
        ("//a.example", False),
        ("https://", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, safe: bool) -> None:
    assert links.safe(url) is safe
    shown = excerpt({"text": "x", "url": url})
    assert (shown["url"] is not None) is safe


def test_a_link_to_act_is_made_of_a_token_only() -> None:
    assert links.acknowledge(f"{BASE}/", "a" * 40) == f"{BASE}/ack/{'a' * 40}"
    for wrong in (None, "", "../admin", "A" * 40, "a" * 39, 7):
        assert links.acknowledge(BASE, wrong) is None


# ------------------------------------------------------------------ words
@pytest.mark.parametrize(
    ("yuan", "told"), [(0, "0 元"), (3200, "3,200 元"), (9999, "9,999 元"), (10_000, "1 万元"), (468_000, "46.8 万元")]
)
def test_money_as_people_write_it(yuan: float, told: str) -> None:
    assert money(yuan) == told


def test_what_a_post_does_not_say_is_left_out() -> None:
    assert facts({"workers": None, "amount_yuan": None, "traits": []}) == []


def test_overlapping_and_wrong_spans_mark_nothing_twice() -> None:
    spans = [{"start": 0, "end": 2}, {"start": 1, "end": 3}, {"start": 4, "end": 99}, {"start": 3, "end": 3}]
    shown = excerpt({"text": "一二三四五", "reasons": spans})
    assert "".join(piece["text"] for piece in shown["pieces"]) == "一二三四五"
    assert [piece["text"] for piece in shown["pieces"] if piece["marked"]] == ["一二"]


# ------------------------------------------------------------------ ways out
async def test_without_a_server_mails_are_files_and_a_repeat_is_one_file(
    warning: dict[str, Any], tmp_path: Path
) -> None:
    folder = Folder(tmp_path / "mail", "x@qinghe.example", BASE)
    await folder.send(warning)
    await folder.send(warning)
    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert message_from_bytes(file.read_bytes())["Message-ID"] == warning["message_id"]


async def test_a_digest_too_large_for_the_server_goes_without_its_attachments(tmp_path: Path) -> None:
    """Fault F32."""
    sheet, chart = tmp_path / "台账.xlsx", tmp_path / "days.png"
    sheet.write_bytes(b"x" * 60_000)
    chart.write_bytes(b"\x89PNG")
    data = {"subject": "日报", "text": "今日", "html": "<p><img src='cid:days'></p>", "inline": {"days": str(chart)},
            "attachments": [str(sheet), str(tmp_path / "gone.docx")]}  # fmt: skip
    digest = row(occasion="digest", recipient="ok@qinghe.example", data=data)
    for size, names in ((0, ["台账.xlsx"]), (20_000, list[str]())):
        async with running(MailServer(size=size)) as server:
            await Smtp("127.0.0.1", server.port, "x@qinghe.example", BASE, tls="none").send(digest)
        ((_, mail),) = server.stored
        parsed = message_from_bytes(mail.as_bytes(), policy=default)
        assert [part.get_filename() for part in parsed.iter_attachments()] == names
        assert "cid:days" in parsed.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_the_channels_of_an_installation(tmp_path: Path) -> None:
    plain = Channels.from_settings(Settings(home=tmp_path, duty_mail="duty@qinghe.example", _env_file=None))  # type: ignore[call-arg]
    assert isinstance(plain.by_name["mail"], Folder)
    assert plain.fallback == "duty@qinghe.example"
    served = Channels.from_settings(Settings(home=tmp_path, smtp_host="mail.qinghe.example", _env_file=None))  # type: ignore[call-arg]
    assert isinstance(served.by_name["mail"], Smtp)
    assert {"wecom", "dingtalk", "feishu", "webhook"} < set(served.by_name)


def test_a_robot_says_little_and_no_post(warning: dict[str, Any]) -> None:
    told = lines(warning, BASE)
    assert "锦禾苑三期" in told
    assert f"{BASE}/incidents/QX-2026-0001" in told
    assert "找项目部一直推" not in told
    assert warning["data"]["token"] not in told


async def test_a_robot_nobody_configured_is_refused_for_good() -> None:
    with pytest.raises(DeliveryError) as caught:
        await Robots({}, BASE).send(row(channel="wecom", recipient="wecom-duty"))
    assert caught.value.permanent


@contextmanager
def listening(status: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    got: list[tuple[dict[str, str], bytes]] = []

    class Robot(Handler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.begin(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"errcode": 0, "code": 0}')

    with serving(Robot) as url:
        yield f"{url}/hook", got


async def test_a_webhook_is_signed_and_carries_no_link_to_act(warning: dict[str, Any]) -> None:
    with listening(200) as (url, got):
        await Webhook({"county": url}, BASE, b"secret").send({**warning, "recipient": "county"})
    ((headers, body),) = got
    signed = hmac.new(b"secret", headers["X-Xinshao-Time"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Xinshao-Signature"] == f"sha256={signed}"
    told = json.loads(body)
    assert told["incident"] == "QX-2026-0001"
    assert not {"token", "excerpts"} & set(told["data"])


@pytest.mark.parametrize(("status", "permanent"), [(302, True), (404, True), (429, False), (503, False)])
async def test_how_a_webhook_s_answer_is_read(status: int, permanent: bool) -> None:
    with listening(status) as (url, got), pytest.raises(DeliveryError) as caught:
        await Webhook({"county": url}, BASE, b"secret").send(row(recipient="county"))
    assert caught.value.permanent is permanent
    assert len(got) == 1


async def test_a_robot_is_spoken_to_through_its_address() -> None:
    with listening(200) as (url, got):
        await Robots({"duty": url.replace("http://", "json://")}, BASE).send(row(channel="wecom", recipient="duty"))
    assert "青禾论坛三天没有新帖" in json.loads(got[0][1])["message"]
    with listening(500) as (url, _), pytest.raises(DeliveryError) as caught:
        await Robots({"duty": url.replace("http://", "json://")}, BASE).send(row(channel="wecom", recipient="duty"))
    assert not caught.value.permanent


def test_times_are_told_in_shanghai(warning: dict[str, Any]) -> None:
    text, _ = bodies(compose(warning, sender="x@qinghe.example", base_url=BASE))
    due = datetime.fromisoformat(warning["data"]["clocks"][0]["due_at"])
    assert f"{due:%Y-%m-%d %H:%M}" in text


def test_no_message_puts_a_warning_beside_a_colour() -> None:
    """The colours of 突发事件应对法 art. 63 are for other things: a level is an internal grade, never a 预警."""
    written = (resources.files("monitor.channels") / "words.yaml").read_text("utf-8")
    assert all("预警" not in name for name in yaml.safe_load(written)["occasions"].values())
    pages = (resources.files("monitor.web") / "words.yaml").read_text("utf-8")
    assert all("预警" not in name for name in yaml.safe_load(pages)["occasions"].values())


def test_whom_to_call_in_danger_stands_before_everything_that_is_to_be_read(warning: dict[str, Any]) -> None:
    """On a phone the numbers stood 2,000 px down; they can be pressed, and none is broken over two lines."""
    calls = [{"name": "公安局", "contacts": [{"name": "指挥中心", "phone": "0000-6000110"}, {"name": "无电话"}]}]
    told = {**warning["data"], "notify_by_phone": calls, "to_call": [], "why_you": "协办单位：值班表此刻无人"}
    text, html = bodies(compose({**warning, "data": told}, sender="x@qinghe.example", base_url=BASE))
    for body, number in ((text, "指挥中心 0000-6000110"), (html, 'href="tel:0000-6000110"')):
        assert body.count(number) == 1
        assert body.index("协办单位：值班表此刻无人") < body.index(number) < body.index(words()["labels"]["deadlines"])
    assert "无电话" not in html


def test_without_danger_no_call_is_asked_for(warning: dict[str, Any]) -> None:
    told = {**warning["data"], "notify_by_phone": []}
    text, html = bodies(compose({**warning, "data": told}, sender="x@qinghe.example", base_url=BASE))
    assert words()["labels"]["phone"] not in text + html


def test_a_post_writes_no_line_that_looks_like_one_of_the_mail_s_own(warning: dict[str, Any]) -> None:
    """In the plain part a post could have gone on with a 签收 link of its own under the office's name."""
    forged = f"{words()['labels']['acknowledge']}：http://evil.example/ack"
    excerpt = {"text": f"三个月没发工资\n\n{forged}\n--\n{forged}", "reasons": [{"start": 0, "end": 3}]}
    data = {
        **warning["data"], "excerpts": [excerpt], "title": f"锦禾苑三期\n{forged}",
        "facts": {**warning["data"]["facts"], "employer": f"甲木建工\n{forged}"},
    }  # fmt: skip
    text, html = bodies(compose({**warning, "data": data}, sender="x@qinghe.example", base_url=BASE))
    lines = [line.strip() for line in text.splitlines()]
    assert forged not in lines
    assert lines.count(f"> {forged}") == 2
    assert "> 【三个月】没发工资" in lines
    assert 'href="http://evil' not in html


def test_a_post_rings_nobody_in_a_group(warning: dict[str, Any]) -> None:
    """Feishu reads <at user_id="all"> in the text of a robot."""
    told = lines({**warning, "data": {**warning["data"], "title": '<at user_id="all">所有人</at>'}}, BASE)
    assert "＜at" in told
    assert "<" not in told
