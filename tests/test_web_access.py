"""Who may open what, what another department must never learn, and hostile content that stays text (ASVS 5.0)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import webhouse
from structlog.testing import capture_logs
from webhouse import OPEN_TO_ALL, PEOPLE, ROUTES, House, addresses

from monitor.store import incidents, users
from monitor.web.shield import FORM_LIMIT


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


# ------------------------------------------------------------------ who may see what
ALLOWED: dict[str, set[str]] = {  # GET pages, by who may open them; everything not named here is open to all signed in
    "/queue": {"duty", "admin"},
    "/feeds": {"duty", "leader", "admin", "auditor"},
    "/outbox": {"duty", "leader", "admin", "auditor"},
    "/roster": {"duty", "leader", "admin", "auditor"},
    "/roster/handover": {"duty", "leader", "admin", "auditor"},
    "/funds": {"duty", "leader", "admin", "auditor"},
    "/signals": {"duty", "leader", "admin", "auditor"},
    "/lists": {"duty", "leader", "admin", "auditor"},
    "/wishes": {"duty", "leader", "admin", "auditor"},
    "/recheck": {"duty", "admin"},
    "/what-if": {"duty", "leader", "admin", "auditor"},
    "/impact.docx": {"leader", "admin", "auditor"},
    "/silences": {"duty", "leader", "admin", "auditor"},
    "/roster.xlsx": {"duty", "leader", "admin", "auditor"},
    "/audit": {"leader", "admin", "auditor"},
    "/audit/looks": {"leader", "admin", "auditor"},
    "/users": {"admin"},
    "/incidents.csv": {"duty", "handler", "leader", "admin"},
    "/incidents/{incident}/papers/{kind}.docx": {"duty", "handler", "leader", "admin"},
}


@pytest.mark.parametrize("name", ["zhou", "jian", "lin", "ruan", "shen"])
def test_every_page_opens_to_the_roles_that_are_named_and_to_no_other(house: House, name: str) -> None:
    """V8.2.1."""
    incident, browser, role = house.opens(), house.browser(name), PEOPLE[name][0]
    for template, address in addresses(house, "GET", incident):
        expected = role in ALLOWED.get(template, {role})
        status = browser.get(address).status_code
        if template in OPEN_TO_ALL or "{number}" in template:
            continue
        assert (status == 200) is expected, (address, status)


def test_nobody_gets_anywhere_without_signing_in(house: House) -> None:
    house.opens()
    browser = house.browser()
    for template, address in addresses(house, "GET"):
        if template not in OPEN_TO_ALL:
            assert browser.get(address).status_code == 303, address


@pytest.mark.parametrize("name", ["shui", "ren"])
def test_another_departments_case_does_not_exist(house: House, name: str) -> None:
    """V8.2.2, V8.4.1: two departments, a canary in the one, looked for in every answer the other gets."""
    canary = house.opens("canary-7731 的工资一分没给", project="金丝雀工程7731", employer="金丝雀公司7731", traits=())
    with house.store.read() as c:
        post = incidents.posts_of(c, canary)[0]["id"]
    browser = house.browser("shui")
    house.store.unit(lambda c: users.change_user(c, "shui", {"department": "health" if name == "ren" else "water"}))
    for _, address in addresses(house, "GET", canary, post):
        page = browser.get(address)
        assert "7731" not in page.text, address
        assert canary not in page.text.replace(address, ""), address
    assert browser.get(f"/incidents/{canary}").status_code == 404
    for address in (f"/incidents/{canary}/acts/note", f"/incidents/{canary}/unmask", f"/incidents/{canary}/files"):
        assert browser.post(address, {"version": "1", "reason": "x", "purpose": "payment"}).status_code in (
            400,
            403,
            404,
        )
    for query in ("q=7731", "q=金丝雀", "department=housing", "state=all", f"q={canary}"):
        page = browser.get(f"/incidents?{query}").text
        assert "共 0 件" in page, query
        assert "金丝雀工程" not in page
        assert "金丝雀工程" not in browser.get(f"/incidents.csv?{query}").text


def test_the_unit_complained_of_sees_nothing_even_when_it_was_assigned(house: House) -> None:
    """Guide 6.2 no. 4, 信访工作条例 30(3)."""
    incident = house.opens(
        "石鼓岭泵站的工资没给", project="石鼓岭泵站除险加固", sector="water_works", employer="戊泉水务"
    )
    assert house.row(incident)["lead"] != "water"
    house.store.unit(
        lambda c: incidents.put_assignments(
            c,
            incident,
            [{"id": None, "department": "water", "role": "co", "state": "sent", "at": house.now, "hop": 0, "note": ""}],
        )
    )
    browser = house.browser("shui")
    assert browser.get(f"/incidents/{incident}").status_code == 404
    assert "泵站" not in browser.get("/incidents").text
    assert "泵站" not in browser.get("/board").text
    assert house.browser("zhou").get(f"/incidents/{incident}").status_code == 200


def test_a_subscription_shows_what_its_owner_may_see_and_dies_with_the_password(house: House) -> None:
    own = house.opens()
    other = house.opens("泵站的工资没给", project="另一泵站", employer="另一公司", sector="water_works")
    browser = house.browser("jian")
    path = re.search(r'href="(/subscribe/[^"]+)"', browser.get("/account").text)
    assert path
    answer = house.browser().get(path[1])
    ids = [item["id"] for item in answer.json()["items"]]
    assert any(id_.startswith(own) for id_ in ids)
    assert not any(id_.startswith(other) for id_ in ids)
    assert "一分没给" not in answer.text
    assert house.browser().get(path[1][:-1] + ("0" if path[1][-1] != "0" else "1")).status_code == 404
    new = "渠边的柳树又绿了一回"
    browser.post("/account/password", {"old": webhouse.PASSWORD, "new": new, "again": new})
    assert house.browser().get(path[1]).status_code == 404


def test_a_department_that_gets_the_fact_sheet_sees_no_text_and_no_link(house: House) -> None:
    sheets = [row.id for row in house.ledger.matrix.departments.values() if row.sees == "fact_sheet"]
    assert sheets
    incident = house.opens()
    house.store.unit(
        lambda c: incidents.put_assignments(
            c,
            incident,
            [
                {
                    "id": None,
                    "department": sheets[0],
                    "role": "co",
                    "state": "sent",
                    "at": house.now,
                    "hop": 0,
                    "note": "",
                }
            ],
        )
    )
    house.store.unit(lambda c: users.change_user(c, "shui", {"department": sheets[0]}))
    page = house.browser("shui").get(f"/incidents/{incident}").text
    assert "甲木建工" in page
    assert "一分没给" not in page
    assert "thread-1" not in page


def test_a_handler_cannot_act_for_another_department(house: House) -> None:
    incident = house.opens()
    browser = house.browser("jian")
    form = {"version": house.version(incident), "reason": "x", "department": "hrss"}
    assert browser.post(f"/incidents/{incident}/acts/acknowledge", form).status_code == 303
    with house.store.read() as c:
        states = {row["department"]: row["state"] for row in incidents.assignments_of(c, incident)}
    assert states["housing"] == "acknowledged"
    assert states["hrss"] == "sent"


@pytest.mark.parametrize(
    "act", ["reassign", "regrade", "correct", "arbitrate", "approve", "merge", "split", "pause", "open", "raise", "x"]
)
def test_a_handler_cannot_do_what_is_the_offices(house: House, act: str) -> None:
    """V8.2.3."""
    incident = house.opens()
    before = house.row(incident)
    form = {
        "version": house.version(incident),
        "reason": "让我来",
        "lead": "water",
        "level": "blue",
        "sector": "unknown",
    }
    assert house.browser("jian").post(f"/incidents/{incident}/acts/{act}", form).status_code == 403
    assert house.row(incident) == before


def test_a_check_that_breaks_denies(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """V16.5.3."""
    incident = house.opens()

    def broken(*_: Any) -> frozenset[str]:
        raise RuntimeError("no register")

    monkeypatch.setattr("monitor.web.sight.accused", broken)
    browser = house.browser("jian")
    with capture_logs():
        answer = browser.get(f"/incidents/{incident}")
    assert answer.status_code == 500
    assert "甲木建工" not in answer.text


# ------------------------------------------------------------------ nothing about people
def test_there_is_no_page_search_or_export_about_who_posts(house: House) -> None:
    """A guard-rail of the README."""
    incident = house.opens("工资一分没给")
    browser = house.browser("ruan")
    row = webhouse.stored_post(house, incidents_first(house, incident))
    assert row["author_code"]
    for _, address in addresses(house, "GET", incident):
        text = browser.get(address).text
        assert "江上一只船" not in text, address
        assert row["author_code"] not in text, address
    for query in ("江上一只船", row["author_code"]):
        assert "共 0 件" in browser.get(f"/incidents?state=all&q={query}").text
    words = ("author", "poster", "person", "nick", "delete", "remove_post", "takedown")
    assert not [route.path for route in ROUTES if any(word in route.path for word in words)]


def incidents_first(house: House, incident: str) -> str:
    with house.store.read() as c:
        return str(incidents.posts_of(c, incident)[0]["id"])


# ------------------------------------------------------------------ hostile content
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg/onload=alert(1)>",
    "{{7*7}}{% raw %}${7*7}#{7*7}", "%s%n{0.__class__}", "a\r\nSet-Cookie: x=1", "\u202e\u2066反转",
    "</textarea><script>", "' OR 1=1--", "javascript:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_on_every_page(house: House, text: str) -> None:
    """V1.2.1, V1.2.2, V1.3.7, fault F50."""
    incident = house.opens(
        f"{text} 工资一分没给 {text}", title=text, url=text, project=text, employer=text, words="一分没给"
    )  # fmt: skip
    post = house.holds(f"拿不准 {text}")
    browser = house.browser("ruan")
    version = house.version(incident)
    browser.post(f"/incidents/{incident}/acts/note", {"version": version, "reason": text})
    browser.post("/users", {"name": "neu", "display": text, "role": "duty"})
    for _, address in addresses(house, "GET", incident, post):
        page = browser.get(address)
        assert page.status_code < 500, address
        if "text/html" in page.headers.get("content-type", ""):
            assert "<script>" not in page.text, address
            assert "<img" not in page.text.replace('<img src="/static/', ""), address
            assert "onload=alert" not in re.sub(r"&[a-z#0-9]+;[^<]*", "", page.text), address
            assert 'href="javascript' not in page.text, address
            assert "49" not in re.findall(r"7\*7\}+(\d+)", page.text)
        assert "x" not in page.cookies


def test_strange_methods_addresses_and_bodies_get_an_answer_not_a_trace(house: House) -> None:
    browser = house.browser("ruan")
    for path in (
        "/incidents/%00",
        "/incidents/" + "x" * 3000,
        "/incidents/QX-2026-0001/files/abc",
        "/queue?at=x",
        "/%ff",
    ):
        answer = browser.get(path)
        assert answer.status_code in (400, 404), path
        assert "Traceback" not in answer.text
    assert browser.client.put("/board").status_code == 405
    assert browser.client.request("TRACE", "/board").status_code in (405, 501)
    odd = browser.client.post(
        "/signout", content=b"\x00\xff" * 50, headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert odd.status_code in (400, 403)


# ------------------------------------------------------------------ bodies and files
def test_a_body_has_a_limit(house: House) -> None:
    """V5.2.1."""
    incident = house.opens()
    browser = house.browser("zhou")
    answer = browser.post(f"/incidents/{incident}/acts/note", {"reason": "字" * FORM_LIMIT, "version": "1"})
    assert answer.status_code == 413
    assert "8 MB" in answer.text
    big = {"file": ("回单.pdf", b"%PDF-" + b"0" * (8 * 1024 * 1024 + 10), "application/pdf")}
    assert browser.post(f"/incidents/{incident}/files", {"purpose": "payment"}, files=big).status_code == 413
    lying = browser.client.post("/signout", content=(b"csrf=1&" + b"x" * 1000 for _ in range(200)))
    assert lying.status_code in (403, 413)


def test_a_proof_comes_back_as_a_download_with_our_name(house: House) -> None:
    """V5.2.2, V5.4.1, V5.4.2."""
    incident = house.opens()
    browser = house.browser("zhou")
    name = '../回单"二月".pdf'
    good = {"file": (name, b"%PDF-1.7 slip", "text/html")}
    assert browser.post(f"/incidents/{incident}/files", {"purpose": "payment"}, files=good).status_code == 303
    evil = {"file": ("x.pdf", b"<html><script>alert(1)</script>", "application/pdf")}
    assert browser.post(f"/incidents/{incident}/files", {"purpose": "payment"}, files=evil).status_code == 400
    assert browser.post(f"/incidents/{incident}/files", {"purpose": "nonsense"}, files=good).status_code == 400
    with house.store.read() as c:
        [kept] = incidents.files_of(c, incident)
    answer = browser.get(f"/incidents/{incident}/files/{kept['id']}")
    assert answer.content == b"%PDF-1.7 slip"
    assert answer.headers["content-type"] == "application/pdf"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith(f"attachment; filename=\"{incident}-{kept['id']}.pdf\"; filename*=UTF-8''")
    assert "sandbox" in answer.headers["content-security-policy"]
    other = house.opens("另一笔工资没给", project="另一工程", employer="另一公司")
    assert browser.get(f"/incidents/{other}/files/{kept['id']}").status_code == 404
    assert house.browser("shui").get(f"/incidents/{incident}/files/{kept['id']}").status_code == 404
