"""The web room against the web requirements it promises: headers, forms, sessions, failing, logs (ASVS 5.0 numbers)."""

from __future__ import annotations

import hashlib
import io
import json
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import webhouse
from argon2 import PasswordHasher
from structlog.testing import capture_logs
from webhouse import PASSWORD, House, addresses, database

from monitor.collect.push import BATCH, SIGNATURE, TIMESTAMP, sign
from monitor.store import posts, users

SIGNED_PUSH = "/push/{name}"
VENDOR = "vendor-secret-0123456789"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path, tokens={"供应商": VENDOR})


# ------------------------------------------------------------------ headers
@pytest.mark.parametrize(
    "address", ["/signin", "/health", "/metrics", "/about", "/nothing", "/static/app.css", "/board", "/ack/x"]
)
def test_every_answer_wears_the_headers(house: House, address: str) -> None:
    """V3.4.3, V3.4.4, V3.4.5, V3.4.6."""
    headers = house.browser().get(address).headers
    policy = headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    for rule in (
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "script-src 'self'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert "strict-transport-security" not in headers
    assert headers["cache-control"] == ("public, max-age=86400" if address.startswith("/static") else "no-store")


def test_over_https_the_cookie_belongs_to_the_host_and_https_stays(tmp_path: Path) -> None:
    """V3.3.1, V3.3.2, V3.3.4, V3.4.1."""
    house = webhouse.build(tmp_path, base_url="https://xinshao.qinghe.example")
    browser = house.browser(base="https://xinshao.qinghe.example")
    answer = browser.sign_in("zhou")
    [cookie] = [value for value in answer.headers.get_list("set-cookie") if value.startswith("__Host-xinshao=")]
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    assert int(re.search(r"max-age=(\d+)", answer.headers["strict-transport-security"])[1]) >= 31_536_000  # type: ignore[index]
    assert "includeSubDomains" in answer.headers["strict-transport-security"]
    assert browser.get("/board").status_code == 200


def test_no_page_carries_script_style_or_anything_from_elsewhere(house: House) -> None:
    incident = house.opens()
    house.holds()
    browser = house.browser("ruan")
    for _, address in addresses(house, "GET", incident):
        page = browser.get(address)
        if "text/html" not in page.headers.get("content-type", ""):
            continue
        assert not re.search(r"<script(?![^>]*src=\"/static/)", page.text), address
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page.text), address
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//(?!bbs\.qinghe\.example)", page.text), address


# ------------------------------------------------------------------ forms
def test_no_form_is_taken_without_its_token_or_from_another_site(house: House) -> None:
    """V3.5.1: every address that changes something, signed in and not."""
    incident, post = house.opens(), house.holds()
    inside, outside = house.browser("ruan"), house.browser()
    token = inside.token()
    foreign = {"origin": "https://evil.example"}
    before = database(house)
    checked = 0
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for template, address in addresses(house, method, incident, post):
            expected = (400, 401) if template.startswith(SIGNED_PUSH) else (403,)
            assert inside.client.request(method, address, data={"reason": "x"}).status_code in expected, address
            assert inside.client.request(method, address, data={"csrf": "0" * 43}).status_code in expected, address
            assert outside.client.request(method, address, data={"reason": "x"}).status_code in expected, address
            sent = {"csrf": token}
            assert inside.client.request(method, address, data=sent, headers=foreign).status_code in expected, address
            cross = {"sec-fetch-site": "cross-site"}
            assert inside.client.request(method, address, data=sent, headers=cross).status_code in expected, address
            checked += 1
    assert checked >= 12
    assert database(house) == before


def test_looking_changes_nothing(house: House) -> None:
    """V3.5.3: every GET, before and after."""
    incident, post = house.opens(), house.holds()
    browser = house.browser("ruan")
    before = database(house)
    for _, address in addresses(house, "GET", incident, post):
        assert browser.get(address).status_code < 500, address
        assert browser.client.head(address).status_code < 500, address
    assert database(house) == before


def test_the_token_of_one_person_does_not_serve_another(house: House) -> None:
    token = house.browser("zhou").token()
    assert house.browser("wu").client.post("/signout", data={"csrf": token}).status_code == 403


# ------------------------------------------------------------------ signing in
def test_there_is_no_account_before_somebody_makes_one(tmp_path: Path) -> None:
    """V6.3.2."""
    from monitor.store import open_store
    from monitor.web.accounts import first_account

    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    with store.read() as c:
        assert users.all_users(c) == []
    password = first_account(store)
    assert password is not None
    assert len(password) >= 15
    assert first_account(store) is None  # once only
    store.close()


def test_signing_in_makes_a_new_session_and_ends_the_old(house: House) -> None:
    """V7.2.3, V7.2.4: 256 bits, and only a hash is stored."""
    browser = house.browser("zhou")
    first = browser.client.cookies["xinshao"]
    assert len(first) >= 43
    with house.store.read() as c:
        assert users.session(c, first, house.now) is None
        assert users.session(c, hashlib.sha256(first.encode()).hexdigest(), house.now) is not None
    house.tick(seconds=30)
    page = browser.get("/signin")
    assert page.status_code == 303  # already inside
    token = house.browser()
    token.client.cookies.set("xinshao", first)
    again = token.client.get("/signin")
    assert again.status_code == 303


def test_a_fixed_session_id_is_not_taken_over(house: House) -> None:
    browser = house.browser()
    browser.client.cookies.set("xinshao", "chosen-by-an-attacker", domain="127.0.0.1", path="/")
    assert browser.sign_in("zhou").status_code == 303
    assert browser.client.cookies["xinshao"] != "chosen-by-an-attacker"
    stolen = house.browser()
    stolen.client.cookies.set("xinshao", "chosen-by-an-attacker")
    assert stolen.get("/board").status_code == 303


def test_after_signing_out_the_old_cookie_opens_nothing(house: House) -> None:
    """V7.4.1."""
    browser = house.browser("zhou")
    cookie = browser.client.cookies["xinshao"]
    assert browser.post("/signout").status_code == 303
    stolen = house.browser()
    stolen.client.cookies.set("xinshao", cookie)
    answer = stolen.get("/incidents")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin")


def test_a_session_ends_after_an_idle_hour_and_after_twelve_hours(house: House) -> None:
    """V7.3.1, V7.3.2; fault F41: a clock that jumps forward ends sessions, one that jumps back does not extend them."""
    idle = house.browser("zhou")
    house.tick(minutes=61)
    assert idle.get("/board").status_code == 303
    busy = house.browser("wu")
    for _ in range(16):
        house.tick(minutes=50)
        last = busy.get("/board").status_code
    assert last == 303
    steady = house.browser("lin")
    house.tick(hours=-2)
    assert steady.get("/board").status_code == 200


def test_five_wrong_passwords_lock_the_account_for_longer_and_longer(house: House) -> None:
    """V6.3.1, and one account's lock is no other's."""
    browser = house.browser()
    for _ in range(5):
        assert browser.sign_in("zhou", "wrong password").status_code == 401
    assert browser.sign_in("zhou").status_code == 401  # the right one, but locked
    assert house.browser("wu").get("/board").status_code == 200
    house.tick(seconds=61)
    assert browser.sign_in("zhou", "wrong again").status_code == 401
    house.tick(seconds=61)
    assert browser.sign_in("zhou").status_code == 401  # now two minutes
    house.tick(seconds=61)
    assert browser.sign_in("zhou").status_code == 303


def test_one_address_cannot_try_forever(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = house.browser()
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
    monkeypatch.setattr("monitor.web.passwords._nobody", lambda: cheap)
    answers = [browser.sign_in(f"nobody{number}", "wrong password").status_code for number in range(34)]
    assert answers[:30] == [401] * 30
    assert answers[-1] == 429


def test_a_whole_office_behind_one_address_gets_in(house: House) -> None:
    assert [house.browser().sign_in("zhou").status_code for _ in range(40)] == [303] * 40


def test_an_unknown_name_and_a_wrong_password_look_the_same(house: House) -> None:
    pages = [house.browser().sign_in(name, "wrong password") for name in ("zhou", "nobody")]
    assert [page.status_code for page in pages] == [401, 401]
    clean = [re.sub(r'value="[^"]*"', "", page.text) for page in pages]
    assert clean[0] == clean[1]


def test_a_password_is_changed_with_the_old_one_and_ends_other_sessions(house: House) -> None:
    """V6.2.1, V6.2.4, V6.2.5, V6.2.8, V6.2.9, V7.4.3."""
    here, elsewhere = house.browser("zhou"), house.browser("zhou")
    new = "  " + "渠边的柳树又绿了" * 9 + "  "

    def change(old: str, fresh: str, again: str | None = None) -> Any:
        return here.post("/account/password", {"old": old, "new": fresh, "again": fresh if again is None else again})

    assert change("wrong", new).status_code == 400
    assert change(PASSWORD, "short").status_code == 400
    assert change(PASSWORD, "password123").status_code == 400
    assert change(PASSWORD, new, "another").status_code == 400
    assert change(PASSWORD, new).status_code == 303
    assert here.get("/board").status_code == 200
    assert elsewhere.get("/board").status_code == 303
    assert house.browser().sign_in("zhou", new.strip()).status_code == 401
    assert house.browser().sign_in("zhou", new).status_code == 303


def test_disabling_an_account_and_changing_a_role_act_on_the_next_request(house: House) -> None:
    """V7.4.2, V7.4.5, V8.3.1."""
    admin, duty = house.browser("ruan"), house.browser("zhou")
    house.store.unit(lambda c: users.change_user(c, "zhou", {"role": "auditor"}))
    assert duty.get("/queue").status_code == 403
    house.store.unit(lambda c: users.change_user(c, "zhou", {"role": "duty"}))
    assert duty.get("/queue").status_code == 200
    assert admin.post("/users/zhou/sessions").status_code == 303
    assert duty.get("/queue").status_code == 303
    again = house.browser("zhou")
    assert admin.post("/users/zhou/disable").status_code == 303
    assert again.get("/queue").status_code == 303
    assert house.browser().sign_in("zhou").status_code == 401
    assert admin.post("/users/ruan/disable").status_code == 400  # not oneself


def test_an_administrator_adds_an_account_whose_password_is_shown_once(house: House) -> None:
    admin = house.browser("ruan")
    form = {"name": "li", "display": "李工", "role": "handler", "department": "housing"}
    page = admin.post("/users", form)
    password = re.search(r"<strong class=\"num\">([^<]+)</strong>", page.text)
    assert password
    assert password[1] not in admin.get("/users").text
    assert house.browser().sign_in("li", password[1]).status_code == 303
    assert admin.post("/users", form).status_code == 400
    assert admin.post("/users", {**form, "name": "x", "department": ""}).status_code == 400
    assert admin.post("/users", {**form, "name": "<script>", "role": "admin"}).status_code == 400
    assert admin.post("/users", {**form, "name": "y", "role": "god"}).status_code == 400


# ------------------------------------------------------------------ limits of frequency
def test_exports_and_searches_are_counted(house: House) -> None:
    """V2.4.1."""
    house.opens()
    browser = house.browser("zhou")
    assert [browser.get("/incidents.csv").status_code for _ in range(7)] == [200] * 6 + [429]
    assert house.browser("wu").get("/incidents.csv").status_code == 200
    answers = [browser.get("/incidents?q=甲木").status_code for _ in range(62)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert int(browser.get("/incidents.csv").headers["retry-after"]) > 0


# ------------------------------------------------------------------ failing
def test_without_a_database_the_pages_say_so_quickly(house: House) -> None:
    """Fault F49, V16.5.1, V16.5.2."""
    browser = house.browser("zhou")
    house.store.unit(lambda c: c.exec_driver_sql("ALTER TABLE sessions RENAME TO gone"))
    house.store.unit(lambda c: c.exec_driver_sql("ALTER TABLE posts RENAME TO gone_too"))
    started = time.monotonic()
    health = browser.get("/health")
    assert (health.status_code, health.json()["database"]) == (503, "down")
    for address in ("/board", "/signin", "/"):
        answer = browser.get(address)
        assert answer.status_code == 503, address
        assert "数据库暂时不可用" in answer.text
        for leak in ("Traceback", "sqlite", "SELECT", "sqlalchemy", "no such table"):
            assert leak not in answer.text
        assert "content-security-policy" in answer.headers
    assert time.monotonic() - started < 10


def test_an_unforeseen_error_gives_a_number_and_no_trace(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """V16.5.1."""

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("secret-in-an-error")

    monkeypatch.setattr("monitor.web.board.figures.in_hand", broken)
    browser = house.browser("lin")
    with capture_logs() as logged:
        answer = browser.get("/board")
    assert answer.status_code == 500
    assert [line["event"] for line in logged] == ["unforeseen"]
    assert "secret-in-an-error" not in answer.text
    assert re.search(r"编号 <strong class=\"num\">[0-9a-f]{8}", answer.text)


def test_health_and_metrics(house: House) -> None:
    house.opens()
    house.holds()
    browser = house.browser()
    assert browser.get("/health").json()["status"] == "ok"
    metrics = browser.get("/metrics").text
    assert 'xinshao_incidents_open{level="orange"} 1.0' in metrics
    assert "xinshao_review_waiting 1.0" in metrics
    assert re.search(r'xinshao_feed_alarm\{feed="[^"]+",ill="unasked"\} 1.0', metrics)
    assert "xinshao_coverage" in metrics
    assert "甲木" not in metrics


# ------------------------------------------------------------------ the log
def test_the_log_says_who_what_and_where_and_never_a_secret(house: House) -> None:
    """V16.2.1, V16.2.5, V16.3.1, V16.3.2, V16.4.1, fault F52."""
    out = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    try:
        incident = house.opens()
        browser = house.browser("zhou")
        browser.get("/users")
        house.browser("shui").get(f"/incidents/{incident}")
        house.browser().sign_in('zhou\n{"event": "forged"}', "wrong password-canary")
        cookie = browser.client.cookies["xinshao"]
        browser.post("/signout")
        house.browser().client.post("/ack/" + "c0ffee" * 6, data={"do": "acknowledge"})
    finally:
        structlog.reset_defaults()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    events = [line["event"] for line in lines]
    assert {"signed in", "sign-in refused", "signed out", "refused"} <= set(events)
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert [line["user"] for line in lines if line["event"] == "refused"] == ["zhou", "shui", None]
    assert "forged" not in events
    text = out.getvalue()
    for secret in (PASSWORD, "password-canary", cookie, "s" * 40, "c0ffee"):
        assert secret not in text


# ------------------------------------------------------------------ the vendor's push
def pushed(
    house: House, body: bytes, *, batch: str = "b-1", secret: bytes = b"vendor-secret-0123456789", age: float = 0
) -> Any:
    stamp = str(int((house.now - timedelta(seconds=age)).timestamp()))
    headers = {TIMESTAMP: stamp, BATCH: batch, SIGNATURE: f"v1={sign(secret, stamp, batch, body)}"}
    return house.browser().client.post("/push/供应商", content=body, headers=headers)


def test_a_push_is_answered_as_documented(house: House) -> None:
    """Issue 4, must show 8."""
    body = b'{"items": []}'
    assert pushed(house, body, secret=b"wrong-secret-0123456789").status_code == 401
    assert pushed(house, body, age=600).status_code == 401
    assert house.pushed == []
    assert pushed(house, body).status_code == 202
    assert pushed(house, body).status_code == 200  # a duplicate does nothing
    assert pushed(house, b"{}").status_code == 409
    assert pushed(house, b"0" * (10 * 1024 * 1024), batch="b-2").status_code == 413
    assert house.pushed == [("供应商", body)]
    assert house.browser().client.post("/push/供应商", content=body).status_code == 400
    stamp = str(int(house.now.timestamp()))
    nobody = {TIMESTAMP: stamp, BATCH: "b", SIGNATURE: "v1=" + "0" * 64}
    assert house.browser().client.post("/push/县论坛", content=body, headers=nobody).status_code == 401


def test_the_review_count_is_nobody_elses_business(house: House) -> None:
    house.holds()
    with house.store.read() as c:
        assert posts.review_count(c) == 1
    assert 'class="count"' not in house.browser("jian").get("/incidents").text
