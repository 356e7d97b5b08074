"""What no browser of ours sends: numbers that are none, days nobody plans for, other charsets, broken headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from webhouse import House, build

from monitor.store import incidents, outbox, shifts

NUMBERS = ["²", "①", "9" * 30, "9" * 5_000, "-1", "1_0", "0x1", "١"]
SHIFT = {"name": "赵某", "department": "hrss", "starts_at": "2026-11-25T08:00", "ends_at": "2026-11-25T20:00"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = build(tmp_path)
    yield made
    made.store.close()


# ------------------------------------------------------------------ numbers and days
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/outbox/retry", "id"), ("/outbox/told", "id"), ("/roster/remove", "id"), ("/lists/undo", "id"),
        ("/silences/end", "id"), ("/roster/swaps", "shift"), ("/incidents/{}/acts/note", "version"),
        ("/incidents/{}/acts/look_back", "day"), ("/incidents/{}/acts/pay", "proofs"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_a_row_is_refused_and_breaks_nothing(
    house: House, path: str, field: str, number: str
) -> None:
    """`isdigit` says yes to ², `int` raises; five thousand nines it refuses to read, and SQLite knows no thirty."""
    incident = house.opens()
    form: dict[str, Any] = {
        "version": house.version(incident), "reason": "理由", "name": "赵某", "mail": "a@qinghe.example", "yuan": "5",
        "workers": "1", field: number,
    }  # fmt: skip
    assert house.browser("zhou").post(path.format(incident), form).status_code < 500


@pytest.mark.parametrize("path", ["/roster/swaps/{}", "/roster/handover/{}"])
def test_nor_as_part_of_an_address(house: House, path: str) -> None:
    browser = house.browser("zhou")
    for number in ("9" * 30, "9" * 5_000, "-1", "x"):
        assert browser.post(path.format(number), {"do": "agree"}).status_code in (400, 404, 422)


@pytest.mark.parametrize(
    ("starts", "ends"), [("0001-01-01T00:00", "0001-01-02T00:00"), ("9999-12-31T00:00", "9999-12-31T23:59")]
)
def test_the_ends_of_the_calendar_are_no_times_of_a_shift(house: House, starts: str, ends: str) -> None:
    answer = house.browser("zhou").post(
        "/roster", {**SHIFT, "mail": "a@b.example", "starts_at": starts, "ends_at": ends}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "mail",
    [
        "a\r\nBcc: x@b.example", "a b@c.example", "赵某@qinghe.example", "a@b@c", "<a@b.example>", "a",
        "a@b.example,c@d.example",
    ],
)  # fmt: skip
def test_a_shift_takes_no_address_that_no_mail_can_be_sent_to(house: House, mail: str) -> None:
    """It was found out when the first red case had to reach that officer."""
    browser = house.browser("zhou")
    answer = browser.post("/roster", {**SHIFT, "mail": mail})
    assert answer.status_code == 400
    assert "不是邮箱地址" in answer.text
    assert browser.post("/roster", {**SHIFT, "mail": "zhao.mou+1@zj.qinghe.example"}).status_code == 303
    with house.store.read() as c:
        (kept,) = shifts.between(c, house.now.replace(hour=0), house.now.replace(hour=23))
    swap = {"shift": kept["id"], "name": "钱某", "mail": mail, "reason": "换班"}
    assert browser.post("/roster/swaps", swap).status_code == 400


# ------------------------------------------------------------------ headers and charsets
@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://a]b", "//", "\\"])
def test_an_origin_that_is_no_address_is_a_foreign_one(house: House, origin: str) -> None:
    incident, browser = house.opens(), house.browser("zhou")
    form = {"version": house.version(incident), "reason": "理由"}
    path = f"/incidents/{incident}/acts/note"
    assert browser.post(path, form, headers={"origin": origin}).status_code == 403
    assert browser.post(path, {**form, "version": "x"}, headers={"referer": origin}).status_code == 422
    late = browser.client.post(
        path, data={**form, "csrf": "earlier"}, headers={"referer": origin, "sec-fetch-site": "same-origin"}
    )
    assert late.status_code in (401, 409)


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "utf-7", "utf-16", "hex", "nothing"])
def test_a_form_in_another_charset_is_not_read(house: House, charset: str) -> None:
    """Nobody signed in could hold the service for seconds (punycode), or end a form in a trace (a lone surrogate)."""
    browser = house.browser()
    page = browser.get("/signin").text
    token = re.findall(r'name="token" value="([^"]+)"', page)[0]
    fields = {"token": token, "name": "\\ud800", "password": "xn--" + "99" * 1_000, "next": "\\ud800"}
    body = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    )
    kind = f'multipart/form-data; boundary=b; charset="{charset}"'
    answer = browser.client.post("/signin", content=f"{body}--b--\r\n".encode(), headers={"content-type": kind})
    assert answer.status_code == 403
    good = kind.replace(charset, "UTF-8")
    assert (
        browser.client.post("/signin", content=f"{body}--b--\r\n".encode(), headers={"content-type": good}).status_code
        == 401
    )


@pytest.mark.parametrize("on", ["sqlite", "postgres"])
def test_a_nul_in_the_answer_of_a_link_is_left_out(tmp_path: Path, on: str) -> None:
    """PostgreSQL refuses it: the officer at the link was told that the database is away."""
    house = build(tmp_path, on=on)
    incident, browser = house.opens(), house.browser()
    with house.store.read() as c:
        token = next(row["data"]["token"] for row in outbox.recent(c) if row["data"].get("token"))
    page = browser.get(f"/ack/{token}").text
    seal = re.findall(r'name="seal" value="([^"]+)"', page)[0]
    form = f"seal={seal}&do=return&code=R1&suggest=hrss&reason={quote_plus('不归我们管')}%00x"
    head = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.client.post(f"/ack/{token}", content=form, headers=head).status_code == 303
    with house.store.read() as c:
        assert incidents.history(c, incident)[-1]["reason"] == "不归我们管x"
    house.store.close()


# ------------------------------------------------------------------ what leaves as a table
@pytest.mark.parametrize("employer", ["＝1+1", "\u200b=1+1", "\u3000@SUM(A1)", "－2", "\ufeff+1", " =1"])
def test_an_export_hides_no_formula_behind_a_blank_or_in_full_width(house: House, employer: str) -> None:
    house.opens(employer=employer)
    assert f"'{employer}" in house.browser("zhou").get("/incidents.csv").text


@pytest.mark.parametrize("link", ["http://[", "http://[::1", "https://a]b/", "http://"])
def test_a_wish_is_about_an_address_and_nothing_else(house: House, link: str) -> None:
    """What is none was kept, and the page of the wish could not be opened again."""
    form = {"kind": "erase", "link": link, "wish": "请删除我发的那条帖文", "proof": "account", "reason": "理由"}
    browser = house.browser("zhou")
    assert browser.post("/wishes", form).status_code == 422
    assert browser.post("/wishes", {**form, "link": "https://bbs.qinghe.example/1"}).status_code == 303
    for number in ("²", "9" * 30, "9" * 5_000):
        assert browser.post("/wishes/answer", {"id": number, "text": "已办"}).status_code in (400, 422)
        assert browser.get(f"/wishes/{number}").status_code in (400, 404)
