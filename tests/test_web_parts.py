"""The web room's pure parts: what is shown, who sees it, which passwords and files are taken, how lines are drawn."""

from __future__ import annotations

import io
import math
import zipfile
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files as packaged

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import FEED_KINDS
from monitor.digest.study import BurnDown
from monitor.ledger.standing import catalogue
from monitor.model import Act, IncidentState, Level, Occasion, Verification
from monitor.web import charts, closeout, excerpt, files, passwords, present
from monitor.web.access import ACTS, HANDLER, ROLES, Person, Right, sees
from monitor.web.again import local
from monitor.web.desk import words
from monitor.web.throttle import Throttle

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def person(role: str, department: str | None = None) -> Person:
    return Person(name="zhou", display="周静", role=role, department=department, session="s", csrf="c")


# ------------------------------------------------------------------ passwords
@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("短密码", "short"),
        ("password123", "common"),
        ("PASSWORD123", "common"),
        ("iloveyou1", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("zhoujing12", "name"),
        ("xinshao2026", "name"),
        ("x" * 1025, "long"),
        ("柳溪镇的桥修了三年还没修好", None),
        ("  spaces at both ends  ", None),
        ("tower crane at dusk", None),
        ("Ab3$" * 40, None),
    ],
)
def test_a_password_is_refused_for_its_length_or_its_fame_and_nothing_else(password: str, why: str | None) -> None:
    assert passwords.refusal(password, "zhoujing") == why


def test_a_password_is_kept_as_it_was_given() -> None:
    long = "长" * 100
    stored = passwords.hashed(long)
    assert passwords.matches(stored, long)
    assert not passwords.matches(stored, long[:72])
    assert not passwords.matches(passwords.hashed("  tower crane "), "tower crane")
    assert not passwords.matches(None, "anything")


def test_made_passwords_differ_and_pass_the_rule() -> None:
    made = {passwords.fresh() for _ in range(50)}
    assert len(made) == 50
    assert {passwords.refusal(password, "admin") for password in made} == {None}


# ------------------------------------------------------------------ throttle
def test_a_throttle_lets_a_few_through_and_then_one_at_a_time() -> None:
    throttle = Throttle(3, 60)
    assert [throttle.wait("zhou", 0.0) for _ in range(4)] == [0, 0, 0, 20]
    assert throttle.wait("wu", 0.0) == 0  # somebody else's tries are his own
    assert throttle.wait("zhou", 20.0) == 0
    assert throttle.wait("zhou", 20.0) > 0


@given(st.lists(st.floats(0, 1000), max_size=60))
def test_a_throttle_never_gives_more_than_its_rate(times: list[float]) -> None:
    throttle, moments = Throttle(5, 100), sorted(times)
    passed = [at for at in moments if throttle.wait("x", at) == 0]
    assert len(passed) <= 5 + 1000 * 5 / 100 + 1


def test_a_clock_that_jumps_back_opens_nothing() -> None:
    throttle = Throttle(1, 60)
    assert throttle.wait("zhou", 1000.0) == 0
    assert throttle.wait("zhou", -6200.0) > 0


# ------------------------------------------------------------------ addresses
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
        "//x.example",
        "http://", "https://user@evil.example/", "java\tscript:alert(1)", " https://x.example", "http://[bad", "", None,
        "ftp://x.example/", "blob:https://x.example/1", "https://x.example/\n",
    ],
)  # fmt: skip
def test_an_address_that_a_browser_should_not_follow_is_no_link(url: str | None) -> None:
    assert present.safe_link(url) is None


def test_an_ordinary_address_is_a_link() -> None:
    assert present.safe_link("https://bbs.qinghe.example/thread-1.html?a=1&b=2") is not None


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\\b", "", "x", "/a\nb"]
)
def test_after_sign_in_nobody_is_led_elsewhere(target: str) -> None:
    assert local(target) == "/"


def test_after_sign_in_one_comes_to_the_page_one_wanted() -> None:
    assert local("/incidents?state=all&q=x") == "/incidents?state=all&q=x"


# ------------------------------------------------------------------ texts
def test_the_deciding_words_are_cut_out_in_order_and_the_heavier_wins() -> None:
    text = "工资一分没给，求支招"
    cut = present.pieces(text, [(0, 6, 2.0), (2, 4, 1.0), (7, 10, -0.5), (90, 99, 1.0), (5, 5, 1.0)])
    assert [(piece.text, piece.weight) for piece in cut] == [("工资一分没给", 2.0), ("，", None), ("求支招", -0.5)]


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70), st.floats(-3, 3)), max_size=8),
)
def test_marking_never_loses_or_doubles_a_character(text: str, spans: list[tuple[int, int, float]]) -> None:
    assert "".join(piece.text for piece in present.pieces(text, spans)) == text


def test_a_mark_moves_with_the_mask_and_never_shows_what_it_hides() -> None:
    original = "我叫张建国，卡号6222021234567890123，工资一分没给"
    from monitor.facts.mask import mask

    masked = mask(original).text
    at = original.index("工资一分没给")
    [(start, end, _)] = excerpt.shifted([(at, at + 6, 2.0)], original, masked)
    assert masked[start:end] == "工资一分没给"
    name = original.index("张建国")
    assert excerpt.shifted([(name, name + 3, 1.0)], original, masked) == []


@pytest.mark.parametrize(
    ("yuan", "shown"), [(326000, "32.6"), (1260000, "126"), (10000, "1"), (12345, "1.23"), (10_000_000, "1,000")]
)
def test_ten_thousands_are_written_as_people_say_them(yuan: float, shown: str) -> None:
    assert present.wan(yuan) == shown


def test_a_number_in_a_form_is_the_number_that_was_stored() -> None:
    assert [present.bare(value) for value in (1000.05, 1000.0, 36, None, 0.5)] == ["1000.05", "1000", "36", "", "0.5"]


def test_the_distance_to_a_due_time_has_a_sign() -> None:
    ahead, past = present.left(NOW + timedelta(hours=26, minutes=3), NOW), present.left(NOW - timedelta(minutes=5), NOW)
    assert (ahead.late, ahead.days, ahead.hours, ahead.minutes, ahead.near) == (False, 1, 2, 3, False)
    assert (past.late, past.minutes) == (True, 5)


# ------------------------------------------------------------------ who sees what
def test_a_handler_sees_the_own_department_and_never_a_case_about_it() -> None:
    case = {"lead": "housing", "co": ["hrss"], "departments": ["housing", "hrss"], "town": None}
    assert sees(person(HANDLER, "housing"), **case, accused=())
    assert sees(person(HANDLER, "hrss"), **case, accused=())
    assert not sees(person(HANDLER, "water"), **case, accused=())
    assert not sees(person(HANDLER, "housing"), **case, accused={"housing"})
    assert not sees(person(HANDLER, None), **case, accused=())
    assert not sees(person("stranger"), **case, accused=())


def test_every_right_and_act_is_denied_to_an_unknown_role() -> None:
    nobody = person("nobody")
    assert not [right for right in Right if nobody.may(right)]
    assert not [act for act in Act if nobody.may_act(act)]


def test_a_department_cannot_move_a_case_or_change_its_level() -> None:
    """ASVS V8.2.3."""
    handler = person(HANDLER, "housing")
    office = (
        Act.REASSIGN,
        Act.ARBITRATE,
        Act.REGRADE,
        Act.CORRECT,
        Act.APPROVE,
        Act.MERGE,
        Act.SPLIT,
        Act.UNMASK,
        Act.PAUSE,
    )
    assert not [act for act in office if handler.may_act(act)]


def test_an_auditor_changes_nothing() -> None:
    auditor = person("auditor")
    assert not [act for act in Act if auditor.may_act(act)]
    assert not auditor.may(Right.TEXT)


def test_roles_of_acts_exist() -> None:
    assert all(roles <= set(ROLES) for roles in ACTS.values())


# ------------------------------------------------------------------ words
def test_every_id_a_page_may_show_has_a_word() -> None:
    catalog = words()
    assert set(catalog["levels"]) == {level.value for level in Level}
    assert set(catalog["states"]) >= {state.value for state in IncidentState}
    assert set(catalog["verifications"]) == {kind.value for kind in Verification}
    assert set(catalog["acts"]) >= {act.value for act in Act}
    assert set(catalog["occasions"]) >= {occasion.value for occasion in Occasion}
    assert set(catalog["roles"]) == set(ROLES)
    clocks = yaml.safe_load(packaged("monitor.clocks").joinpath("deadlines.yaml").read_text("utf-8"))
    assert clocks
    assert catalogue()["return_codes"] == catalog["return_codes"]


# ------------------------------------------------------------------ files
def workbook(**members: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for name, size in members.items():
            archive.writestr(f"xl/{name}", b"0" * size)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "taken"),
    [
        ("回单.pdf", b"%PDF-1.7 ...", True),
        ("回单.PDF", b"%PDF-1.7 ...", True),
        ("照片.jpg", b"\xff\xd8\xff\xe0", True),
        ("截图.png", b"\x89PNG\r\n\x1a\nIHDR", True),
        ("签领表.xlsx", workbook(), True),
        ("回单.pdf", b"<html><script>alert(1)</script>", False),
        ("回单.html", b"%PDF-1.7", False),
        ("回单.pdf.exe", b"%PDF-1.7", False),
        ("图.svg", b"<svg onload=alert(1)>", False),
        ("表.xlsx", b"PK\x03\x04 not an archive", False),
        ("炸弹.xlsx", workbook(bomb=70 * 1024 * 1024), False),
        ("空", b"", False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_what_its_first_bytes_say(name: str, body: bytes, taken: bool) -> None:
    assert (files.media_type(name, body) is not None) is taken


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\x\\回单.pdf", 'a"b\r\nSet-Cookie: x=1.pdf', "\u202efdp.exe", "...", ""]
)
def test_a_file_name_loses_what_could_hurt(name: str) -> None:
    kept = files.tidy(name)
    assert kept
    assert not set('"\\/\r\n:<>|;\u202e') & set(kept)
    assert not kept.startswith(".")


# ------------------------------------------------------------------ lines
def seen(post: str, hours: float, **counts: int) -> dict[str, object]:
    return {
        "post": post,
        "at": NOW + timedelta(hours=hours),
        "views": None,
        "likes": None,
        "comments": None,
        "reposts": None,
        **counts,
    }


def test_the_spread_line_sums_the_last_known_count_of_every_post() -> None:
    line = charts.spread([seen("a", 0, views=100), seen("b", 1, views=50), seen("a", 2, views=300)], NOW)
    assert line is not None
    assert (line.counted, line.first, line.last) == ("views", 100, 350)


def test_one_moment_is_no_line() -> None:
    assert charts.spread([seen("a", 0, views=100)], NOW) is None
    assert charts.spread([seen("a", 0), seen("a", 1)], NOW) is None


def burnt(counts: list[int], *, stop: date | None) -> BurnDown:
    """Of a day each, up to 2027-01-10; the pace is that of the last fortnight."""
    today = date(2027, 1, 10)
    series = [(today - timedelta(days=len(counts) - 1 - n), count) for n, count in enumerate(counts)]
    pace = (counts[-15] - counts[-1]) / 14
    finish = today + timedelta(days=math.ceil(counts[-1] / pace)) if pace > 0 else None
    return BurnDown(in_hand=series, stop=stop, pace=pace, finish=finish, blockers={})


def test_the_burn_down_leads_to_its_end_and_to_the_stop() -> None:
    lines = charts.burn_lines(burnt([30 - n for n in range(20)], stop=date(2027, 2, 4)))
    assert lines.top == 30
    assert lines.line.split()[0] == "48.0,10.0"
    assert lines.forecast.split()[0] == lines.ideal.split()[0] == lines.line.split()[-1]
    assert lines.ideal.split()[1] == "630.0,190.0"  # zero, at the right edge
    assert lines.forecast.endswith(",190.0")


def test_a_forecast_far_ahead_leaves_at_the_right_edge() -> None:
    lines = charts.burn_lines(burnt([500] * 15 + [499], stop=None))
    end = lines.forecast.split()[1]
    assert end.startswith("630.0,")
    assert not end.endswith(",190.0")


@pytest.mark.parametrize("counts", [[5] * 16, [0] * 16])
def test_a_burn_down_that_does_not_fall_has_no_forecast(counts: list[int]) -> None:
    lines = charts.burn_lines(burnt(counts, stop=date(2027, 1, 1)))  # a stop that has passed
    assert (lines.forecast, lines.ideal) == ("", "")


# ------------------------------------------------------------------ close-out
def incident(**changes: object) -> dict[str, object]:
    return {
        "id": "QX-2026-0001", "state": "paid", "level": "orange", "verification": "true", "lead": "housing",
        "facts": {"workers": 10, "amount_yuan": 50_000.0}, "closeout": {}, "paid_yuan": 0.0, "paid_workers": 0,
        "closed_at": None, **changes,
    }  # fmt: skip


def test_the_steps_of_close_out_follow_the_proofs() -> None:
    bare = {step.name: step.done for step in closeout.steps(incident(), [], public=True)}
    assert bare == {
        "verified": True, "paid": False, "proofs": False, "confirmed": False, "replied": False, "second": False,
    }  # fmt: skip
    paid = incident(
        paid_yuan=50_000.0, paid_workers=10,
        closeout={"payments": [{"proofs": [1]}], "confirmed": 10, "reply": {"at": "x"}},
    )  # fmt: skip
    assert [step.name for step in closeout.steps(paid, [{"id": 1}], public=True) if not step.done] == ["second"]


def test_half_a_payment_is_not_paid() -> None:
    half = incident(paid_yuan=25_000.0, paid_workers=10, closeout={"payments": [{"proofs": [1]}], "confirmed": 10})
    steps = {step.name: step for step in closeout.steps(half, [{"id": 1}], public=False)}
    assert not steps["paid"].done
    assert (steps["paid"].have, steps["paid"].need) == (25_000.0, 50_000.0)
    assert "replied" not in steps


def test_every_kind_of_feed_has_a_word() -> None:
    assert set(FEED_KINDS) <= set(words()["feed_kinds"])
