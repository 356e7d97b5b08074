"""The pages in a real browser: keys, phone width, no script needed, hostile text inert, nothing from elsewhere."""

from __future__ import annotations

import base64
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import webhouse
import zxingcpp
from PIL import Image
from webhouse import PASSWORD, House

from monitor.store import incidents, tokens
from monitor.web import onetime

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: the pages were not looked at in a browser"),
]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The house on a free port of loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(house.app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


class Looking:
    """One window: what went wrong in it, and what it asked for elsewhere."""

    def __init__(self, chromium: Any, address: str, *, width: int = 1280, script: bool = True) -> None:
        self.context = chromium.new_context(
            viewport={"width": width, "height": 844}, java_script_enabled=script, locale="zh-CN"
        )
        self.page, self.address = self.context.new_page(), address
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self.page.on("dialog", lambda dialog: (self.errors.append("dialog"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.page.on("request", lambda asked: self.elsewhere.append(asked.url) if address not in asked.url else None)

    def goto(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sign_in(self, name: str, to: str = "/board") -> None:
        self.goto("/signin")
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.click("button:has-text('登录')")
        self.page.wait_for_url(f"**{to}")

    def press(self, selector: str) -> None:
        """Clicks what leads to another page, and goes on when that page is there."""
        with self.page.expect_navigation():
            self.page.click(selector)


def every_page(house: House) -> list[str]:
    incident = house.opens()
    token = "a" * 40
    row = {
        "id": token, "incident": incident, "department": "housing", "purpose": "acknowledge",
        "expires_at": house.now.replace(year=2027), "recipient": "zj@qinghe.example",
    }  # fmt: skip
    house.store.unit(lambda c: tokens.add(c, [row]))
    return [
        "/board", "/clearing", "/queue", "/incidents", f"/incidents/{incident}", "/situation", "/feeds", "/outbox",
        "/roster", "/audit", "/users", "/account", "/account/second", "/about", f"/ack/{token}", "/nothing-here",
    ]  # fmt: skip


def test_one_key_decides_and_brings_the_next_post(chromium: Any, house: House, address: str) -> None:
    first, second, third = (house.holds(f"第{number}个工地的工钱没给") for number in "一二三")
    window = Looking(chromium, address)
    window.sign_in("zhou")
    window.goto("/queue")
    for key, post, verdict in (("1", first, "confirmed"), ("2", second, "dismissed")):
        with window.page.expect_navigation():
            window.page.keyboard.press(key)
        assert webhouse.stored_post(house, post)["review"] == verdict
    with window.page.expect_navigation():
        window.page.keyboard.press("u")
    assert webhouse.stored_post(house, second)["review"] == "pending"
    with window.page.expect_navigation():
        window.page.keyboard.press("5")
    assert webhouse.stored_post(house, third)["review"] == "pending"
    assert window.errors == []
    window.context.close()


def test_a_double_press_is_one_decision(chromium: Any, house: House, address: str) -> None:
    post, other = house.holds("甲工地的工钱没给"), house.holds("乙工地的工钱没给")
    window = Looking(chromium, address)
    window.sign_in("zhou")
    window.goto("/queue")
    window.page.evaluate(
        "() => { const b = document.querySelector('[data-key=\"1\"]'); b.click(); b.click(); b.click(); }"
    )
    window.page.wait_for_url("**/queue?**done=confirm**")
    assert webhouse.stored_post(house, post)["review"] == "confirmed"
    assert webhouse.stored_post(house, other)["review"] == "pending"
    with house.store.read() as c:
        assert incidents.count(c) == 1
    window.context.close()


def test_writing_a_reason_triggers_no_key(chromium: Any, house: House, address: str) -> None:
    incident = house.opens()
    window = Looking(chromium, address)
    window.sign_in("zhou")
    window.goto(f"/incidents/{incident}")
    window.page.click("summary:has-text('备注')")
    window.page.fill("form[action$='/acts/note'] textarea", "1 2 3 u 已电话联系")
    window.page.click("form[action$='/acts/note'] button")
    window.page.wait_for_url("**done=recorded")
    assert "已电话联系" in window.page.content()
    window.context.close()


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_page_is_wider_than_the_screen_or_asks_for_anything_elsewhere(
    chromium: Any, house: House, address: str, width: int
) -> None:
    house.holds("https://very-long.example/" + "a" * 300 + " 工钱没给 " + "长" * 400)
    pages = every_page(house)
    window = Looking(chromium, address, width=width)
    window.sign_in("ruan")
    for path in pages:
        window.goto(path)
        wide = window.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        assert window.page.locator("h1, h2").count() >= 1, path
    assert window.elsewhere == []
    assert [error for error in window.errors if "404" not in error] == []
    window.context.close()


LOW = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, label.check')]
    .filter(one => !one.matches('.skip, label.check input, svg a'))
    .filter(one => !(getComputedStyle(one).display === 'inline'
        && one.parentElement.textContent.trim().length > one.textContent.trim().length + 2))
    .map(one => [Math.round(one.getBoundingClientRect().height), one.textContent.trim().slice(0, 20) || one.name])
    .filter(([high]) => high > 0 && high < 44)"""


def test_on_a_phone_a_finger_hits_what_it_aims_at(chromium: Any, house: House, address: str) -> None:
    """Everything to press is 44 px high; links inside a sentence are as high as their line."""
    house.holds("工资不给我就从塔吊上跳下去", life_risk=True)
    pages = every_page(house)
    window = Looking(chromium, address, width=390)
    window.sign_in("ruan")
    for path in (*pages, "/silences", "/plans", "/manual"):
        window.goto(path)
        window.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert window.page.evaluate(LOW) == [], path
    window.context.close()


def test_at_two_hundred_percent_a_title_is_a_line_and_no_column_of_letters(
    chromium: Any, house: House, address: str
) -> None:
    """1366 px at 200 %: 683 px of page."""
    house.opens()
    for width in (683, 900, 1100):
        window = Looking(chromium, address, width=width)
        window.sign_in("zhou")
        for path in ("/incidents", "/board"):
            window.goto(path)
            box = window.page.locator("a.title").first.bounding_box()
            assert box is not None
            assert box["width"] > 150, (path, width)
        window.context.close()


def test_on_a_phone_the_first_screen_of_the_ledger_shows_cases(chromium: Any, house: House, address: str) -> None:
    house.opens()
    phone, desk = Looking(chromium, address, width=390), Looking(chromium, address, width=1366)
    for window, folded in ((phone, True), (desk, False)):
        window.sign_in("zhou")
        window.goto("/incidents")
        assert window.page.locator("#level").is_visible() is not folded
    assert phone.page.locator("a.title").first.bounding_box()["y"] < 500
    phone.page.click("summary:has-text('条件与排序')")
    phone.page.select_option("#level", "blue")
    phone.page.click("button:has-text('筛选')")
    phone.page.wait_for_url("**level=blue**")
    assert phone.page.locator("summary .count").inner_text() == "1"
    for window in (phone, desk):
        assert window.errors == []
        window.context.close()


def test_on_a_phone_the_weeks_begin_with_the_newest(chromium: Any, house: House, address: str) -> None:
    house.opens()
    window = Looking(chromium, address, width=390, script=False)
    window.sign_in("lin")
    window.goto("/situation")
    bar = window.page.locator("svg.chart rect").last
    box = bar.bounding_box()
    assert box is not None
    assert 0 <= box["x"] < 390 - box["width"]
    window.context.close()


def test_somebody_in_danger_is_one_tap_away_on_a_phone(chromium: Any, house: House, address: str) -> None:
    house.holds("工资不给我就从塔吊上跳下去", life_risk=True)
    window = Looking(chromium, address, width=390, script=False)
    window.sign_in("zhou")
    window.goto("/queue")
    for what in ("a[href='tel:110']", "a[href='/plans#red']", "blockquote .post-title, blockquote"):
        place = window.page.locator(what).first
        box = place.bounding_box()
        assert box is not None, what
        assert box["y"] + 40 < 844, what
        place.click(trial=True, position={"x": 20, "y": 20})  # nothing lies over it
    window.context.close()


def test_the_next_step_of_a_case_is_reached_by_keyboard_alone(chromium: Any, house: House, address: str) -> None:
    incident = house.opens()
    window = Looking(chromium, address)
    window.sign_in("jian", to="/incidents")
    window.goto(f"/incidents/{incident}")
    keys = window.page.keyboard
    window.page.focus("a:has-text('下一步')")
    keys.press("Enter")
    for _ in range(8):
        keys.press("Tab")
        if window.page.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    assert window.page.evaluate("document.activeElement.textContent") == "签收"
    with window.page.expect_navigation():
        keys.press("Enter")
    assert house.row(incident)["state"] == "acknowledged"
    window.context.close()


def test_a_form_sent_too_late_is_not_lost_in_a_real_browser(chromium: Any, house: House, address: str) -> None:
    incident = house.opens()
    window = Looking(chromium, address, width=390, script=False)
    window.sign_in("zhou")
    window.goto(f"/incidents/{incident}")
    window.page.click("summary:has-text('备注')")
    window.page.fill("form[action$='/acts/note'] textarea", "已约施工方明早九点到局里")
    house.tick(hours=2)
    window.press("form[action$='/acts/note'] button")
    assert "没有丢" in window.page.content()
    window.page.fill("#name", "zhou")
    window.page.fill("#password", PASSWORD)
    window.press("button:has-text('登录')")
    assert "已约施工方明早九点到局里" in window.page.content()
    window.page.click("main button:has-text('提交')")
    window.page.wait_for_url("**done=recorded")
    assert "已约施工方明早九点到局里" in window.page.content()
    window.context.close()


def test_everything_needed_works_without_script(chromium: Any, house: House, address: str) -> None:
    post = house.holds()
    *_, link, _ = every_page(house)
    window = Looking(chromium, address, width=390, script=False)
    window.goto(link)
    window.page.click("button:has-text('签收')")
    window.page.wait_for_url("**done=recorded")
    assert "已签收" in window.page.content()
    window.sign_in("zhou")
    window.goto("/queue")
    window.page.click("button:has-text('属实立案')")
    window.page.wait_for_url("**/queue?**done=confirm**")
    assert webhouse.stored_post(house, post)["review"] == "confirmed"
    window.context.close()


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>"
    "<iframe srcdoc='<script>alert(1)</script>'>"
    "<a href=javascript:alert(1)>x</a>\"><input autofocus onfocus=alert(1)>{{constructor.constructor('alert(1)')()}}"
    "</textarea></title><base href=//evil.example/><meta http-equiv=refresh content='0;url=//evil.example'>工资一分没给"
)


def test_hostile_text_does_nothing_in_a_real_browser(chromium: Any, house: House, address: str) -> None:
    """Fault F50."""
    hostile = dict.fromkeys(("project", "employer", "title", "url"), HOSTILE)
    incident = house.opens(HOSTILE, **hostile)
    house.holds(HOSTILE)
    pages = [path for path in every_page(house) if "nothing" not in path]
    window = Looking(chromium, address)
    window.sign_in("ruan")
    for path in (*pages, f"/incidents/{incident}"):
        window.goto(path)
        assert window.page.url == address + path
        assert window.page.locator("iframe, base, meta[http-equiv]").count() == 0, path
    assert window.errors == []
    assert window.elsewhere == []
    window.context.close()


def test_a_foreign_site_cannot_press_a_button_of_ours(
    chromium: Any, house: House, address: str, tmp_path: Path
) -> None:
    """V3.5.1 in a browser: a form on another origin, with the victim signed in."""
    post = house.holds()
    window = Looking(chromium, address)
    window.sign_in("zhou")
    page = tmp_path / "evil.html"
    page.write_text(f"<form method=post action='{address}/queue/{post}/confirm'><button>x</button></form>")
    window.page.goto(page.as_uri())
    window.press("button")
    assert webhouse.stored_post(house, post)["review"] == "pending"
    window.context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_phone_is_paired_and_asked_for_at_the_next_sign_in(
    chromium: Any, house: House, address: str, width: int
) -> None:
    """With the secret that the page shows for typing, as an app computes it; a camera reads the same in the drawing."""
    window = Looking(chromium, address, width=width)
    window.sign_in("zhou")
    window.goto("/account/second")
    window.page.fill("#password-begin", PASSWORD)
    window.page.click("button:has-text('开始绑定')")
    drawn = Image.open(BytesIO(window.page.locator(".qr svg").screenshot()))
    assert 200 <= drawn.width <= width
    window.page.click("summary:has-text('不能扫码')")
    typed = window.page.locator("li code").inner_text().replace(" ", "")
    assert [f"secret={typed}" in one.text for one in zxingcpp.read_barcodes(drawn)] == [True]
    secret = base64.b32decode(typed)
    now = int(house.now.timestamp()) // 30
    window.page.fill("#code", onetime.code(secret, now))
    window.page.keyboard.press("Enter")
    window.page.wait_for_selector("ul.codes")
    recovery = window.page.locator("ul.codes code").first.inner_text()
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for code in (onetime.code(secret, now + 1), recovery):
        window.page.click("button:has-text('退出')")
        window.page.fill("#name", "zhou")
        window.page.fill("#password", PASSWORD)
        window.page.click("button:has-text('登录')")
        window.page.wait_for_selector("#code:focus")
        window.page.keyboard.type(code)
        window.page.keyboard.press("Enter")
        window.page.wait_for_url("**/board")
    assert window.errors == []
    assert window.elsewhere == []
    window.context.close()


def test_paper_keeps_tables_and_leaves_forms_and_navigation_out(chromium: Any, house: House, address: str) -> None:
    """A4 is as narrow as a tablet: the ledger had printed three cases a page, each as a card."""
    incident = house.opens()
    window = Looking(chromium, address, width=700)
    window.sign_in("ruan")
    window.page.emulate_media(media="print")
    for path in ("/incidents", "/plans", "/clearing", f"/incidents/{incident}"):
        window.goto(path)
        assert not window.page.locator(".nav, .foot, main form").filter(visible=True).count(), path
        assert window.page.locator(".printed").is_visible(), path
        for head in window.page.locator("table.stack thead").all():
            box = head.bounding_box()
            assert box is not None, path
            assert box["x"] >= 0, path  # on a phone it stands far outside
    assert len(re.findall(rb"/Type\s*/Page\b", window.page.pdf(format="A4"))) <= 4
    window.context.close()


def test_on_a_phone_what_is_well_is_folded_and_on_a_desk_it_is_not(chromium: Any, house: House, address: str) -> None:
    for width, seen in ((360, False), (1280, True)):
        window = Looking(chromium, address, width=width)
        window.sign_in("zhou")
        window.goto("/roster")
        line = window.page.locator("text=zj@qinghe.example").first
        assert line.is_visible() is seen, width
        assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        window.context.close()
