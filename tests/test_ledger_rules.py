"""The rules by themselves: what may happen when, what each close-out code asks for, and that no rule has a gap."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgerhouse import NOON, later

from monitor.errors import ForbiddenChange
from monitor.ledger.closing import CODE_NEEDS, STILL_OPEN, owed, to_confirm
from monitor.ledger.rules import ALLOWED, MACHINE_ACTS, check
from monitor.ledger.standing import Standing, catalogue
from monitor.model import MACHINE, Act, Change, Facts, IncidentState, Level, Verification

PAID = {"payments": [{"proofs": [1], "yuan": 46_000.0, "workers": 5}], "reply": {"at": "2026-01-20"}, "confirmed": 5}
DATA: dict[Act, dict[str, Any]] = {  # what makes each act complete for the incident of `standing()`
    Act.MERGE: {"into": "QX-2026-0002"},
    Act.SPLIT: {"posts": ["p1"]},
    Act.REASSIGN: {"lead": "transport"},
    Act.ACKNOWLEDGE: {"department": "housing"},
    Act.ACCEPT: {"department": "housing"},
    Act.RETURN: {"department": "housing", "code": "R1"},
    Act.ARBITRATE: {"lead": "transport"},
    Act.CONTACT: {"means": "public_reply"},
    Act.VERIFY: {"verification": "true"},
    Act.PAY: {"yuan": 100, "workers": 1},
    Act.CORRECT: {"facts": {"workers": 6}},
    Act.REGRADE: {"level": "orange"},
    Act.CLOSE: {"code": "C1"},
    Act.LOOK_BACK: {"day": 7, "recurred": True},
    Act.UNMASK: {"post": "p1"},
}


def standing(**changed: Any) -> Standing:
    values: dict[str, Any] = {
        "id": "QX-2026-0001", "state": IncidentState.HANDLING, "level": Level.YELLOW,
        "verification": Verification.TRUE, "facts": Facts(workers=5, amount_yuan=46_000), "lead": "housing",
        "assignments": [{"department": "housing", "role": "lead", "state": "sent", "hop": 0}], "closeout": PAID,
        "paid_yuan": 46_000, "paid_workers": 5, "posts": ["p1", "p2"],
    }  # fmt: skip
    return Standing(**values | changed)


def change(act: Act, *, actor: str = "li", reason: str = "按规定办理", **data: Any) -> Change:
    return Change(act=act, at=later(days=10), reason=reason, actor=actor, incident="QX-2026-0001", data=data)


def refusal(act: Act, stands: Standing, **words: Any) -> str:
    """The rule that refuses; empty where none does."""
    found = None
    try:
        check(change(act, **words), stands)
    except ForbiddenChange as problem:
        found = problem
    assert found is None or "{" not in str(found)
    return found.rule if found else ""


# ------------------------------------------------------------------ when
@given(st.sampled_from(list(Act)), st.sampled_from(list(IncidentState)))
def test_an_act_outside_its_states_is_always_refused(act: Act, state: IncidentState) -> None:
    allowed = state in ALLOWED.get(act, frozenset(IncidentState))
    rule = refusal(act, standing(state=state), **DATA.get(act, {}))
    assert (rule == "state_forbids") == (not allowed)


@given(st.sampled_from(list(Act)))
def test_what_concerns_a_person_is_never_decided_by_the_machine(act: Act) -> None:
    rule = refusal(act, standing(), actor=MACHINE, **DATA.get(act, {}))
    assert (rule == "machine_may_not") == (act not in MACHINE_ACTS)


@pytest.mark.parametrize("act", list(DATA))
def test_an_act_without_what_it_needs_names_what_is_missing(act: Act) -> None:
    state = sorted(ALLOWED[act])[0]
    for key in DATA[act]:
        given_ = {name: value for name, value in DATA[act].items() if name != key}
        assert refusal(act, standing(state=state), **given_) == "data_missing", key


def test_nobody_closes_alone_and_nothing_closes_a_closed_case() -> None:
    closing = standing(state=IncidentState.CLOSING, closeout={**PAID, "by": "li"})
    assert refusal(Act.APPROVE, closing) == "second_person"
    assert refusal(Act.APPROVE, closing, actor="zhou") == ""
    assert refusal(Act.CLOSE, standing(state=IncidentState.CLOSED), code="C1") == "state_forbids"


# ------------------------------------------------------------------ close-out (销号)
def payments(*given_: tuple[float, int, list[int]]) -> list[dict[str, Any]]:
    return [{"yuan": yuan, "workers": workers, "proofs": proofs} for yuan, workers, proofs in given_]


ADVANCED = {**PAID, "payments": [{**one, "advanced": True} for one in PAID["payments"]]}
CLOSE = [
    ({}, {"code": "C1"}, ""),
    ({}, {"code": "C3"}, "close_not_advanced"),
    ({"closeout": ADVANCED}, {"code": "C3"}, ""),
    ({"closeout": ADVANCED}, {"code": "C1"}, "close_advanced"),
    ({}, {"code": "C99"}, "close_code"),
    ({}, {"code": "C2"}, "close_code_open"),
    ({}, {"code": "C6"}, "close_code_open"),
    ({"closeout": {**PAID, "payments": []}}, {"code": "C1"}, "close_no_payment"),
    ({"closeout": {**PAID, "payments": payments((46_000, 5, []))}}, {"code": "C1"}, "close_no_proof"),
    ({"paid_yuan": 45_999}, {"code": "C1"}, "close_unpaid_rest"),
    ({"paid_workers": 4}, {"code": "C1"}, "close_unpaid_rest"),
    ({"facts": Facts()}, {"code": "C1"}, "close_amount_unknown"),
    ({"facts": Facts(), "closeout": {**PAID, "due_yuan": 46_000, "due_workers": 5}}, {"code": "C1"}, ""),
    ({"closeout": {**PAID, "due_yuan": 50_000}}, {"code": "C1"}, "close_unpaid_rest"),
    ({"closeout": {**PAID, "confirmed": 4}}, {"code": "C1"}, "close_not_confirmed"),
    ({"closeout": {**PAID, "confirmed": 4}}, {"code": "C1", "confirmed": 1}, ""),
    ({"closeout": {**PAID, "reply": None}}, {"code": "C1"}, "close_no_public_reply"),
    ({"closeout": {**PAID, "reply": None}, "public": False}, {"code": "C1"}, ""),
    ({}, {"code": "C4"}, "close_needs"),
    ({}, {"code": "C4", "procedure": "已导入工程款结算程序"}, ""),
    ({}, {"code": "C5"}, "close_needs"),
    ({}, {"code": "C7", "receipt": "青转〔2026〕3号"}, ""),
    ({}, {"code": "C8", "leader": "王", "appeal": "窗口"}, "close_not_verified"),
    (
        {"verification": Verification.FALSE, "closeout": {**PAID, "verifiers": ["li"]}},
        {"code": "C8", "leader": "王", "appeal": "窗口"},
        "close_two_verifiers",
    ),
    (
        {"verification": Verification.FALSE, "closeout": {**PAID, "verifiers": ["li", "wu"]}},
        {"code": "C8", "leader": "王", "appeal": "窗口"},
        "",
    ),
    ({}, {"code": "C9"}, "close_contacts"),
    ({"closeout": {**PAID, "contacts": [{}, {}]}}, {"code": "C9"}, ""),
    ({}, {"code": "C10", "into": "QX-2026-0002"}, ""),
]


@pytest.mark.parametrize(("stands", "data", "rule"), CLOSE)
def test_every_code_asks_for_its_proof(stands: dict[str, Any], data: dict[str, Any], rule: str) -> None:
    assert refusal(Act.CLOSE, standing(**stands), **data) == rule


@pytest.mark.parametrize("words", ["发帖人已删帖", "原帖已删除，予以销号", "发帖人承诺不再发声", "帖子已删"])
def test_a_deleted_post_never_closes_a_case(words: str) -> None:
    for code, needs in CODE_NEEDS.items():
        assert refusal(Act.CLOSE, standing(), reason=words, code=code, **dict.fromkeys(needs, "x")) == "close_never"
    assert refusal(Act.CLOSE, standing(), reason=words, code="C1") == "close_never"


@given(st.integers(1, 300), st.floats(1, 1e7), st.lists(st.tuples(st.floats(1, 1e6), st.integers(1, 80)), max_size=5))
def test_no_case_is_closed_as_paid_while_a_yuan_or_a_worker_is_missing(
    workers: int, yuan: float, paid: list[tuple[float, int]]
) -> None:
    given_ = payments(*[(amount, heads, [1]) for amount, heads in paid])
    stands = standing(
        facts=Facts(workers=workers, amount_yuan=yuan),
        paid_yuan=sum(amount for amount, _ in paid),
        paid_workers=sum(heads for _, heads in paid),
        closeout={**PAID, "payments": given_, "confirmed": 300},
    )
    if refusal(Act.CLOSE, stands, code="C1") == "":
        assert stands.paid_yuan + 0.01 >= yuan
        assert stands.paid_workers >= workers


@pytest.mark.parametrize(("workers", "need"), [(1, 1), (50, 50), (51, 20), (66, 20), (67, 21), (100, 30), (1000, 300)])
def test_above_fifty_a_sample_may_confirm(workers: int, need: int) -> None:
    assert to_confirm(workers) == need


def test_what_was_verified_goes_before_what_was_posted() -> None:
    assert owed(standing()) == (46_000, 5)
    assert owed(standing(closeout={"due_yuan": 9_000, "due_workers": 2})) == (9_000, 2)


# ------------------------------------------------------------------ the rest
OTHER = [
    (Act.ACKNOWLEDGE, {}, {"department": "police"}, "not_assigned"),
    (
        Act.ACKNOWLEDGE,
        {"assignments": [{"department": "housing", "role": "lead", "state": "acknowledged", "hop": 0}]},
        {"department": "housing"},
        "already_acknowledged",
    ),
    (Act.RETURN, {}, {"department": "housing", "code": "X"}, "return_code"),
    (Act.RETURN, {"returned_late": True}, {"department": "housing", "code": "R1"}, "return_too_late"),
    (Act.ARBITRATE, {}, {"lead": "transport"}, "no_return_waiting"),
    (Act.REASSIGN, {}, {"lead": "housing"}, "same_lead"),
    (
        Act.REASSIGN,
        {"assignments": [{"department": "housing", "role": "lead", "state": "sent", "hop": 3}]},
        {"lead": "transport"},
        "too_many_hops",
    ),
    (Act.CONTACT, {}, {"means": "phone_the_family"}, "contact_means"),
    (Act.VERIFY, {}, {"verification": "unverified"}, "data_wrong"),
    (Act.PAY, {}, {"yuan": 0, "workers": 1}, "payment_positive"),
    (Act.PAY, {}, {"yuan": -5, "workers": 1}, "data_wrong"),
    (Act.PAY, {}, {"yuan": 1e30, "workers": 1}, "data_wrong"),
    (Act.PAY, {}, {"yuan": float("nan"), "workers": 1}, "data_wrong"),
    (Act.PAY, {}, {"yuan": float("inf"), "workers": 1}, "data_wrong"),
    (Act.PAY, {}, {"yuan": 5, "workers": 1, "proofs": "yes"}, "data_wrong"),
    (Act.PAY, {"proofs": frozenset({3})}, {"yuan": 5, "workers": 1, "proofs": [999]}, "proof_unknown"),
    (Act.VERIFY, {}, {"verification": "true", "yuan": -5}, "data_wrong"),
    (Act.VERIFY, {}, {"verification": "true", "yuan": float("nan")}, "data_wrong"),
    (Act.VERIFY, {}, {"verification": "true", "workers": 1.5}, "data_wrong"),
    (
        Act.FILE,
        {"proofs": frozenset({3}), "closeout": {"payments": [{"yuan": 5.0, "workers": 1}]}},
        {"file": 999, "sha256": "ab" * 32, "purpose": "payment", "payment": 0},
        "proof_unknown",
    ),
    (Act.PAY, {}, {"yuan": 5, "workers": True}, "data_wrong"),
    (Act.CORRECT, {}, {"facts": {}}, "nothing_changed"),
    (Act.CORRECT, {}, {"facts": {"author": "周"}}, "fact_unknown"),
    (Act.REGRADE, {}, {"level": "yellow"}, "same_level"),
    (Act.REGRADE, {}, {"level": "purple"}, "data_wrong"),
    (Act.REGRADE, {}, {"level": "blue", "reason": "低"}, "lowering_reason"),
    (Act.REGRADE, {}, {"level": "blue", "reason": "核查后仅一人且已付清"}, ""),
    (Act.PAUSE, {"paused": True}, {}, "paused_already"),
    (Act.PAUSE, {}, {"reason": "等"}, "pause_reason"),
    (Act.RESUME, {}, {}, "not_paused"),
    (Act.SPLIT, {}, {"posts": ["p1", "p2"]}, "split_posts"),
    (Act.SPLIT, {}, {"posts": ["p7"]}, "split_posts"),
    (Act.MERGE, {}, {"into": "QX-2026-0001"}, "merge_self"),
    (Act.LOOK_BACK, {"state": IncidentState.CLOSED}, {"day": 8, "recurred": False}, "look_back_day"),
    (
        Act.LOOK_BACK,
        {"state": IncidentState.CLOSED, "closeout": {"look_backs": {"7": {}}}},
        {"day": 7, "recurred": False},
        "look_back_done",
    ),
    (
        Act.LOOK_BACK,
        {"state": IncidentState.CLOSED, "closed_at": NOON},
        {"day": 30, "recurred": False},
        "look_back_early",
    ),
]


@pytest.mark.parametrize(("act", "stands", "data", "rule"), OTHER)
def test_the_rule_that_refuses(act: Act, stands: dict[str, Any], data: dict[str, Any], rule: str) -> None:
    assert refusal(act, standing(**stands), **data) == rule


def test_every_act_state_and_rule_has_its_words() -> None:
    words = catalogue()
    assert set(words["acts"]) == {act.value for act in Act}
    assert set(words["states"]) == {state.value for state in IncidentState}
    assert set(STILL_OPEN) < {f"C{number}" for number in range(1, 11)}
