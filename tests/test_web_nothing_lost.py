"""What a person wrote is never lost: by a rule's no, by a colleague who was first, or by a session that had ended."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import webhouse
from starlette.requests import Request
from structlog.testing import capture_logs
from webhouse import Browser, House

from monitor.model import Act, Change
from monitor.store import tokens

OURS = {"sec-fetch-site": "same-origin"}  # as a browser sends it with a form of our own page
WRITTEN = "已约施工方明早九点到局里，带工资表 & 考勤"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


def send(browser: Browser, path: str, data: dict[str, Any], **headers: str) -> Any:
    """As it stands: no fresh token is fetched before."""
    return browser.client.post(path, data=data, headers={**OURS, **headers})


def hidden(page: str) -> dict[str, str]:
    from html import unescape

    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def forms(page: str, action: str) -> str:
    """The form with this action."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.S)
    assert found, action
    return found[0]


# ------------------------------------------------------------------ a rule says no
def test_a_refused_form_comes_back_as_it_was_filled_in(house: House) -> None:
    incident = house.opens()
    handler = house.browser("jian")
    path = f"/incidents/{incident}/acts/pay"
    handler.post(f"/incidents/{incident}/acts/accept", {"version": house.version(incident), "reason": "受理"})
    wrong = {"version": house.version(incident), "yuan": "十二万", "workers": "12", "advanced": "1", "reason": WRITTEN}
    page = handler.post(path, wrong)
    assert page.status_code == 422
    form = forms(page.text, path)
    assert 'name="yuan" inputmode="decimal" required value="十二万"' in form
    assert 'name="workers" inputmode="numeric" required value="12"' in form
    assert 'name="advanced" value="1" checked' in form
    assert "带工资表 &amp; 考勤</textarea>" in form
    assert 'id="act-pay" open' in page.text


def test_what_one_form_held_is_not_put_into_another(house: House) -> None:
    incident = house.opens()
    page = (
        house.browser("zhou")
        .post(
            f"/incidents/{incident}/acts/verify",
            {"version": house.version(incident), "workers": "7.5", "reason": WRITTEN},
        )
        .text
    )
    assert page.count("考勤</textarea>") == 1
    assert 'value="7.5"' not in forms(page, f"/incidents/{incident}/acts/correct")


# ------------------------------------------------------------------ somebody was first
def test_of_two_officers_the_second_reads_who_was_first_and_keeps_the_own_words(house: House) -> None:
    incident = house.opens()
    seen = house.version(incident)
    path = f"/incidents/{incident}/acts/note"
    house.browser("wu").post(path, {"version": seen, "reason": "已电话联系住建局"})
    zhou = house.browser("zhou")
    page = zhou.post(path, {"version": seen, "reason": WRITTEN})
    assert page.status_code == 409
    assert "没有写入台账" in page.text
    assert "wu 于" in page.text
    assert "“备注”" in page.text
    assert "已电话联系住建局" in page.text  # the newest state stands below
    form = forms(page.text, path)
    assert "考勤</textarea>" in form
    again = zhou.post(path, {"version": hidden(form)["version"], "reason": WRITTEN})
    assert again.status_code == 303  # the form that came back is for the newest version


def test_posts_that_join_meanwhile_do_not_hold_up_a_note_but_do_a_decision(house: House) -> None:
    """In a storm a case gets a post a minute; whoever telephones must be able to write that down."""
    incident = house.opens()
    seen = house.version(incident)
    more = webhouse.reading_of(house, "锦禾苑三期还有我们十二个人也没拿到工资")
    house.ledger.record(Change(act=Act.JOIN, at=house.now, reason="同一项目", incident=incident, readings=(more,)))
    assert house.version(incident) > seen
    zhou = house.browser("zhou")
    path = f"/incidents/{incident}/acts"
    assert zhou.post(f"{path}/regrade", {"version": seen, "level": "blue", "reason": WRITTEN}).status_code == 409
    assert zhou.post(f"{path}/note", {"version": seen, "reason": WRITTEN}).status_code == 303
    assert (
        zhou.post(f"{path}/note", {"version": seen, "reason": "再写一条"}).status_code == 409
    )  # a person was first now


def test_words_of_an_act_that_is_no_longer_possible_are_shown(house: House) -> None:
    incident = house.opens()
    seen = house.version(incident)
    house.browser("wu").post(f"/incidents/{incident}/acts/dismiss", {"version": seen, "reason": "查明是小说"})
    page = house.browser("zhou").post(f"/incidents/{incident}/acts/acknowledge", {"version": seen, "reason": WRITTEN})
    assert page.status_code == 409
    assert "您写的理由还在" in page.text
    assert "带工资表 &amp; 考勤" in page.text


def test_a_step_of_the_plan_that_came_second_is_still_in_its_line(house: House) -> None:
    incident = house.opens()
    seen = house.version(incident)
    house.browser("wu").post(f"/incidents/{incident}/acts/note", {"version": seen, "reason": "已电话联系住建局"})
    page = house.browser("zhou").post(
        f"/incidents/{incident}/acts/plan", {"version": seen, "step": "interview", "reason": WRITTEN}
    )
    assert page.status_code == 409
    assert 'value="已约施工方明早九点到局里，带工资表 &amp; 考勤"' in page.text


def test_who_decides_second_in_the_queue_is_led_back_to_it(house: House) -> None:
    post = house.holds()
    house.browser("wu").post(f"/queue/{post}/no", {"at": "0"})
    page = house.browser("zhou").post(f"/queue/{post}/confirm", {"at": "0"})
    assert page.status_code == 409
    assert 'href="/queue">继续研判' in page.text


# ------------------------------------------------------------------ the session had ended
def test_a_form_sent_after_the_session_ended_waits_for_the_sign_in_and_one_press(house: House) -> None:
    incident = house.opens()
    zhou = house.browser("zhou")
    path = f"/incidents/{incident}/acts/note"
    written = {"csrf": zhou.token(), "version": str(house.version(incident)), "reason": WRITTEN}
    house.tick(hours=2)
    page = send(zhou, path, written)
    assert page.status_code == 401
    assert "登录已过期" in page.text
    assert "没有丢" in page.text
    form = hidden(page.text)
    wrong = send(zhou, "/signin", {**form, "name": "zhou", "password": "not this one"})
    assert wrong.status_code == 401
    right = send(zhou, "/signin", {**hidden(wrong.text), "name": "zhou", "password": webhouse.PASSWORD})
    assert right.status_code == 200
    assert "还没有写入" in right.text
    assert "带工资表 &amp; 考勤" in right.text
    assert "zhou同志" in right.text
    assert house.version(incident) == int(written["version"])  # nothing happens by signing in alone
    again = forms(right.text, path)
    assert send(zhou, path, hidden(again)).status_code == 303
    assert WRITTEN in zhou.get(f"/incidents/{incident}").text.replace("&amp;", "&")


def test_an_office_on_plain_http_loses_nothing_either(house: House) -> None:
    """There a browser sends Origin, but no Sec-Fetch-Site."""
    incident, browser = house.opens(), house.browser("zhou", base="http://10.1.2.3:8420")
    written = {"csrf": browser.token(), "version": "1", "reason": WRITTEN}
    house.tick(hours=2)
    path = f"/incidents/{incident}/acts/note"
    page = browser.client.post(path, data=written, headers={"origin": "http://10.1.2.3:8420"})
    assert page.status_code == 401
    assert "没有丢" in page.text
    foreign = browser.client.post(path, data=written, headers={"origin": "http://10.1.2.9"})
    assert foreign.status_code == 403
    assert "没有丢" not in foreign.text


def test_a_form_of_an_earlier_session_is_shown_to_who_is_signed_in_now(house: House) -> None:
    """Signed in anew in another tab, perhaps at the change of shift: the old tab's form carries the old token."""
    incident = house.opens()
    browser = house.browser("zhou")
    written = {"csrf": browser.token(), "version": str(house.version(incident)), "reason": WRITTEN}
    browser.post("/signout")
    browser.sign_in("wu")
    page = send(browser, f"/incidents/{incident}/acts/note", written)
    assert page.status_code == 409
    assert "wu同志" in page.text
    assert "带工资表 &amp; 考勤" in page.text
    assert house.version(incident) == int(written["version"])


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
def test_only_a_form_of_our_own_page_is_carried_on(house: House, site: str | None) -> None:
    """Otherwise any site could lay words before an officer, to be sent with one press."""
    incident = house.opens()
    browser = house.browser()
    headers = {"sec-fetch-site": site} if site else {}
    page = browser.client.post(
        f"/incidents/{incident}/acts/note", data={"csrf": "x", "reason": WRITTEN}, headers=headers
    )
    assert page.status_code == 403
    assert "考勤" not in page.text


def test_a_password_is_never_carried_on(house: House) -> None:
    browser = house.browser("zhou")
    written = {"csrf": browser.token(), "old": webhouse.PASSWORD, "new": "新密码要很长很长才行", "again": "x"}
    house.tick(hours=2)
    page = send(browser, "/account/password", written)
    assert page.status_code == 401
    assert webhouse.PASSWORD not in page.text
    assert "written" not in hidden(page.text)


def test_a_file_is_not_carried_on_and_the_page_says_so(house: House) -> None:
    incident = house.opens()
    browser = house.browser("zhou")
    token = browser.token()
    house.tick(hours=2)
    page = browser.client.post(
        f"/incidents/{incident}/files", data={"csrf": token, "purpose": "payment"},
        files={"file": ("回单.pdf", b"%PDF-1.4", "application/pdf")},
        headers={**OURS, "referer": f"http://127.0.0.1:8420/incidents/{incident}"},
    )  # fmt: skip
    assert page.status_code == 401
    assert "选过的文件要重新选" in page.text
    assert hidden(page.text)["next"] == f"/incidents/{incident}"  # back to where the form stands


def test_a_file_of_nobody_is_not_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine megabytes may be sent there; a stranger who forges the browser's word must not make us parse them."""
    read = []
    monkeypatch.setattr(Request, "form", lambda *a, **k: read.append(a))
    page = house.browser().client.post(
        "/incidents/QX-2026-0001/files", data={"csrf": "x"}, files={"file": ("a.pdf", b"%PDF-" + b"0" * 10_000)},
        headers=OURS,
    )  # fmt: skip
    assert page.status_code == 401
    assert read == []


def test_who_came_too_late_stands_in_the_log(house: House) -> None:
    browser = house.browser("zhou")
    written = {"csrf": browser.token(), "reason": WRITTEN}
    house.tick(hours=2)
    with capture_logs() as logged:
        send(browser, "/incidents/QX-2026-0001/acts/note", written)
    assert [line["why"] for line in logged if line["event"] == "refused"] == ["the form's session is over"]
    assert WRITTEN not in str(logged)


def test_an_address_elsewhere_is_never_where_a_kept_form_goes(house: House) -> None:
    browser = house.browser()
    form = hidden(browser.get("/signin").text)
    page = send(browser, "/signin", {
        **form, "to": "https://evil.example/take", "written": "reason=x", "name": "zhou",
        "password": webhouse.PASSWORD,
    })  # fmt: skip
    assert "evil.example" not in page.text
    assert 'action="/"' in page.text


def test_the_longest_form_still_fits(house: House) -> None:
    incident = house.opens()
    browser = house.browser("zhou")
    long = {
        "csrf": browser.token(),
        "version": "1",
        "reason": "欠" * 1000,
        "text": "薪" * 2000,
        "url": "https://a.example",
    }
    house.tick(hours=2)
    page = send(browser, f"/incidents/{incident}/acts/reply", long)
    right = send(browser, "/signin", {**hidden(page.text), "name": "zhou", "password": webhouse.PASSWORD})
    assert right.status_code == 200
    assert "薪" * 2000 in right.text


def test_a_link_that_is_refused_keeps_what_was_written(house: House) -> None:
    incident = house.opens()
    row = {
        "id": "k" * 40, "incident": incident, "department": "housing", "purpose": "acknowledge",
        "expires_at": house.now.replace(year=2027), "recipient": "zj@qinghe.example",
    }  # fmt: skip
    house.store.unit(lambda c: tokens.add(c, [row]))
    phone = house.browser()
    seal = hidden(phone.get(f"/ack/{'k' * 40}").text)["seal"]
    page = phone.client.post(
        f"/ack/{'k' * 40}", data={"seal": seal, "do": "return", "code": "R99", "suggest": "water", "reason": WRITTEN}
    )
    assert page.status_code == 422
    assert "带工资表 &amp; 考勤</textarea>" in page.text
    assert 'value="water" selected' in page.text


def test_a_refused_shift_shows_what_was_written_and_the_way_back(house: House) -> None:
    browser = house.browser("zhou")
    page = browser.post(
        "/roster",
        {"department": "qx_office", "name": "周静", "starts_at": "2026-11-26T08:00", "ends_at": "2026-11-25T08:00",
         "phone": "0999-6200110"},
        headers={"referer": "http://127.0.0.1:8420/roster"},
    )  # fmt: skip
    assert page.status_code == 400
    assert "没有写入，可照抄" in page.text
    for value in ("周静", "2026-11-26T08:00", "0999-6200110"):
        assert f"<dd>{value}</dd>" in page.text
    assert 'href="/roster">返回' in page.text


def test_a_password_is_not_shown_again(house: House) -> None:
    page = house.browser("ruan").post("/users", {"name": "li", "role": "none", "password": "geheim-geheim"})
    assert page.status_code == 400
    assert "geheim" not in page.text


def test_a_decision_of_the_queue_waits_with_its_name(house: House) -> None:
    post, browser = house.holds(), house.browser("zhou")
    written = {"csrf": browser.token(), "at": "0"}
    house.tick(hours=2)
    page = send(browser, f"/queue/{post}/confirm", written)
    right = send(browser, "/signin", {**hidden(page.text), "name": "zhou", "password": webhouse.PASSWORD})
    assert "<dd>属实立案</dd>" in right.text
    assert webhouse.stored_post(house, post)["review"] == "pending"
