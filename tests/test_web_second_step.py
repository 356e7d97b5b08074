"""两步验证: codes by the RFC's own table, and nobody inside with a password alone."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import webhouse
from hypothesis import given
from hypothesis import strategies as st
from ledgerhouse import BOTH
from webhouse import PASSWORD, Browser, House

from monitor.config import Settings
from monitor.store import factors
from monitor.web import onetime, signing

RFC_SECRET = b"12345678901234567890"
RFC_6238 = {59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924",
            2000000000: "69279037", 20000000000: "65353130"}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> House:
    return webhouse.build(tmp_path)


# ------------------------------------------------------------------ codes
@pytest.mark.parametrize(("seconds", "digits"), RFC_6238.items())
def test_codes_are_those_of_the_rfc(seconds: int, digits: str) -> None:
    """RFC 6238, appendix B; six of its eight digits."""
    assert onetime.code(RFC_SECRET, seconds // 30) == digits[2:]
    assert onetime.step_of(RFC_SECRET, f"{digits[2:5]} {digits[5:]}", seconds) == seconds // 30


@pytest.mark.parametrize("given", ["", "12345", "1234567", "12345a", "１２３４５６", "²²²²²²", "-12345"])
def test_what_is_no_code_is_none(given: str) -> None:
    assert onetime.step_of(RFC_SECRET, given, 59) is None
    assert onetime.minutes_off(RFC_SECRET, given, 59) is None


@pytest.mark.parametrize(("late", "counts"), [(0, True), (30, True), (-30, True), (60, False), (-60, False)])
def test_a_code_counts_half_a_minute_to_either_side(late: int, counts: bool) -> None:
    assert (onetime.step_of(RFC_SECRET, onetime.code(RFC_SECRET, 1000), 30_000 + late) is not None) == counts


@pytest.mark.parametrize(("phone", "minutes"), [(300, 5), (-600, -10), (60, 1), (30, None), (3600, None)])
def test_a_wrong_clock_is_told_apart_from_a_wrong_code(phone: int, minutes: int | None) -> None:
    given = onetime.code(RFC_SECRET, (90_000 + phone) // 30)
    assert onetime.minutes_off(RFC_SECRET, given, 90_000) == minutes


@given(st.binary(min_size=20, max_size=20), st.binary(min_size=32, max_size=32))
def test_a_secret_is_kept_sealed(secret: bytes, key: bytes) -> None:
    stored = onetime.sealed(secret, key)
    assert onetime.opened(stored, key) == secret
    assert onetime.sealed(secret, key) != stored
    assert onetime.opened(stored, bytes(32 - len(key)) + key[::-1] + b"x") != secret


def test_recovery_codes_are_read_as_people_type_them() -> None:
    codes = onetime.fresh_recovery()
    assert len({one.split("-")[0] for one in codes}) == len(codes) == onetime.RECOVERY_CODES
    for one in codes:
        assert onetime.tidy(f" {one.upper().replace('-', ' ')} ") == one
    assert onetime.tidy("1234-5678-9012-3456") == ""  # no such letters


# ------------------------------------------------------------------ pairing and signing in
def secret_of(house: House, name: str) -> bytes:
    with house.store.read() as c:
        row = factors.factor(c, name)
    assert row is not None
    return onetime.opened(row["secret"], house.app.state.desk.key)


def digits(house: House, name: str, steps: int = 0) -> str:
    return onetime.code(secret_of(house, name), int(house.now.timestamp()) // 30 + steps)


def pair(house: House, browser: Browser, name: str) -> list[str]:
    """Pairs a phone as the page asks it; the recovery codes."""
    assert browser.post("/account/second/begin", {"password": PASSWORD}).status_code == 303
    page = browser.post("/account/second/confirm", {"code": digits(house, name)})
    assert page.status_code == 200
    return re.findall(r"<code>([a-z2-9-]{19})</code>", page.text)


def first_step(house: House, name: str = "zhou") -> tuple[Browser, dict[str, str]]:
    """The page after a right password, with what its form carries."""
    browser = house.browser()
    page = browser.sign_in(name)
    assert page.status_code == 200
    return browser, dict(re.findall(r'name="(token|ticket|next)" value="([^"]*)"', page.text))


def test_a_paired_account_is_not_opened_by_its_password(house: House) -> None:
    codes = pair(house, house.browser("zhou"), "zhou")
    assert len(codes) == onetime.RECOVERY_CODES
    house.tick(minutes=1)
    browser, carried = first_step(house)
    assert "xinshao" not in browser.client.cookies
    assert browser.get("/board").status_code == 303
    wrong = browser.client.post("/signin/second", data={**carried, "code": "000000"})
    assert wrong.status_code == 401
    assert browser.get("/board").status_code == 303
    assert browser.client.post("/signin/second", data={**carried, "code": digits(house, "zhou")}).status_code == 303
    assert browser.get("/board").status_code == 200


def test_a_code_serves_once_and_not_the_one_before_it_either(house: House) -> None:
    """RFC 6238, 5.2."""
    pair(house, house.browser("zhou"), "zhou")
    house.tick(minutes=2)
    code, before = digits(house, "zhou"), digits(house, "zhou", -1)
    browser, carried = first_step(house)
    assert browser.client.post("/signin/second", data={**carried, "code": code}).status_code == 303
    for again in (code, before):
        other, carried = first_step(house)
        assert other.client.post("/signin/second", data={**carried, "code": again}).status_code == 401


def test_a_recovery_code_serves_once(house: House) -> None:
    one = pair(house, house.browser("zhou"), "zhou")[3]
    browser, carried = first_step(house)
    assert browser.client.post("/signin/second", data={**carried, "code": one.upper()}).status_code == 303
    assert "还有 7 个" in browser.get("/account/second").text
    other, carried = first_step(house)
    assert other.client.post("/signin/second", data={**carried, "code": one}).status_code == 401


def test_five_wrong_codes_lock_the_account_although_the_password_was_right(house: House) -> None:
    """V6.3.1: a known password buys no guesses."""
    pair(house, house.browser("zhou"), "zhou")
    house.tick(minutes=2)
    browser, carried = first_step(house)
    for _ in range(5):
        assert browser.client.post("/signin/second", data={**carried, "code": "999999"}).status_code == 401
    right = {**carried, "code": digits(house, "zhou")}
    assert browser.client.post("/signin/second", data=right).status_code == 401
    assert house.browser().sign_in("zhou").status_code == 401  # locked


def test_the_second_page_serves_five_minutes_and_only_for_whom_it_was_made(house: House) -> None:
    pair(house, house.browser("zhou"), "zhou")
    pair(house, house.browser("wu"), "wu")
    house.tick(minutes=2)
    browser, carried = first_step(house)
    stamp, _, rest = carried["ticket"].partition(".")
    forged = f"{stamp}.wu.{rest.rpartition('.')[2]}"
    for ticket in (forged, "", "x", f"{stamp}.zhou.", f"99999999999.zhou.{rest.rpartition('.')[2]}"):
        answer = browser.client.post("/signin/second", data={**carried, "ticket": ticket, "code": digits(house, "wu")})
        assert answer.status_code == 401, ticket
        assert "xinshao" not in browser.client.cookies
    house.tick(minutes=6)
    late = browser.client.post("/signin/second", data={**carried, "code": digits(house, "zhou")})
    assert late.status_code == 401
    assert "隔得太久" in late.text


def test_what_waited_for_the_sign_in_waits_for_both_steps(house: House) -> None:
    """A form whose session had ended is not lost on the way through the second page."""
    incident = house.opens()
    browser = house.browser("zhou")
    pair(house, browser, "zhou")
    token = browser.token()
    house.tick(hours=2)
    sent = {"csrf": token, "reason": "打过电话，人在工地", "version": "1"}
    ours = {"sec-fetch-site": "same-origin"}
    page = browser.client.post(f"/incidents/{incident}/acts/note", data=sent, headers=ours)
    form = dict(re.findall(r'name="(token|next|to|written)" value="([^"]*)"', page.text))
    form = {key: value.replace("&amp;", "&") for key, value in form.items()}
    page = browser.client.post("/signin", data={**form, "name": "zhou", "password": PASSWORD})
    form = dict(re.findall(r'name="(token|ticket|next|to|written)" value="([^"]*)"', page.text))
    form = {key: value.replace("&amp;", "&") for key, value in form.items()}
    page = browser.client.post("/signin/second", data={**form, "code": digits(house, "zhou")})
    assert page.status_code == 200
    assert "打过电话，人在工地" in page.text


def test_pairing_asks_for_the_password_and_ends_other_sessions(house: House) -> None:
    """V7.5.1, V7.4.3."""
    first, other = house.browser("zhou"), house.browser("zhou")
    assert first.post("/account/second/begin", {"password": "wrong"}).status_code == 400
    assert "已启用" not in first.get("/account").text
    pair(house, first, "zhou")
    assert other.get("/board").status_code == 303
    assert first.get("/board").status_code == 200
    assert first.post("/account/second/off", {"password": "wrong"}).status_code == 400
    assert first.post("/account/second/recovery", {"password": "wrong"}).status_code == 400
    assert first.post("/account/second/begin", {"password": PASSWORD}).status_code == 303
    assert "已启用" in first.get("/account/second").text  # a pairing in force is not replaced by beginning another
    again = first.post("/account/second/recovery", {"password": PASSWORD})
    assert len(re.findall(r"<code>", again.text)) == onetime.RECOVERY_CODES
    assert first.post("/account/second/off", {"password": PASSWORD}).status_code == 303
    assert house.browser().sign_in("zhou").status_code == 303


def test_a_phone_whose_clock_is_wrong_is_told_by_how_much(house: House) -> None:
    browser = house.browser("zhou")
    browser.post("/account/second/begin", {"password": PASSWORD})
    page = browser.post("/account/second/confirm", {"code": digits(house, "zhou", 10)})
    assert page.status_code == 400
    assert "手机比服务器快约 5 分钟" in page.text
    assert house.browser().sign_in("zhou").status_code == 303  # not in force before a right code


def test_a_role_that_must_have_it_opens_nothing_else_before(tmp_path: Path) -> None:
    house = webhouse.build(tmp_path, second_factor="admin, leader")
    incident = house.opens()
    browser = house.browser("ruan")
    assert browser.get("/users").headers["location"].startswith("/account/second")
    assert browser.get(f"/incidents/{incident}").status_code == 303
    note = browser.post(f"/incidents/{incident}/acts/note", {"reason": "x", "version": "1"})
    assert note.headers["location"].startswith("/account/second")
    assert browser.get("/account/second?done=pair_first").status_code == 200
    assert house.browser("zhou").get("/board").status_code == 200
    feed = re.findall(r'href="(/subscribe/[^"]+)"', browser.get("/account").text)[0]
    assert house.browser().get(feed).status_code == 404
    pair(house, browser, "ruan")
    assert house.browser().get(feed).status_code == 200
    assert browser.get("/users").status_code == 200
    assert "还没有绑定两步验证" in browser.get("/users").text  # lin, the leader


def test_roles_are_checked_where_they_are_set() -> None:
    assert Settings(second_factor="", _env_file=None).paired_roles == frozenset()  # type: ignore[call-arg]
    assert Settings(second_factor="admin, duty", _env_file=None).paired_roles == {"admin", "duty"}  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="unknown role 'god'"):
        Settings(second_factor="admin,god", _env_file=None)  # type: ignore[call-arg]


def test_an_administrator_frees_who_lost_the_phone(house: House) -> None:
    pair(house, house.browser("zhou"), "zhou")
    office = house.browser("ruan")
    assert "解除两步验证" in office.get("/users").text
    assert office.post("/users/zhou/unpair").status_code == 303
    assert office.post("/users/zhou/unpair").status_code == 400
    assert house.browser().sign_in("zhou").status_code == 303


def test_a_database_without_the_key_gives_no_codes(house: House) -> None:
    browser = house.browser("zhou")
    codes = pair(house, browser, "zhou")
    with house.store.read() as c:
        row = factors.factor(c, "zhou")
    assert row is not None
    assert all(one not in str(row) for one in codes)
    assert onetime.opened(row["secret"], b"another key") != secret_of(house, "zhou")
    assert all(a < b for a, b in pairwise([0, row["used"]]))


# ------------------------------------------------------------------ on a server, where two write at once
@pytest.fixture(params=BOTH)
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    house = webhouse.build(tmp_path, on=request.param)
    yield house
    house.store.close()


def test_of_two_sign_ins_at_once_a_recovery_code_opens_one(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    code = pair(any_house, any_house.browser("zhou"), "zhou")[0]
    with any_house.store.read() as c:
        row = factors.factor(c, "zhou")
    assert row is not None
    both, renew = threading.Barrier(2), factors.renew_recovery

    def slowly(*given: Any) -> bool:
        time.sleep(0.2)  # the other has its look in the meantime
        return renew(*given)

    def opened() -> str | None:
        both.wait(10)
        return signing.right_code(any_house.app.state.desk, row, code)

    monkeypatch.setattr(factors, "renew_recovery", slowly)
    with ThreadPoolExecutor(2) as two:
        found = [one.result() for one in [two.submit(opened), two.submit(opened)]]
    assert sorted(found, key=str) == [None, "recovery"]


def test_what_no_database_stores_is_a_wrong_name_and_no_failure(any_house: House) -> None:
    browser = any_house.browser()
    assert browser.sign_in("zh\x00ou\x00x", "p\x00w").status_code == 401
    page = browser.get("/signin")
    token = re.findall(r'name="token" value="([^"]*)"', page.text)[0]
    sent = {"token": token, "ticket": "1.zh\x00ou.0", "code": "123456"}
    assert browser.client.post("/signin/second", data=sent).status_code == 401
