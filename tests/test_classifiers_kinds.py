"""How the kinds are told apart: a mix learnt from unseen rows, and when a case is called settled."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from classifiers import kinds, train
from classifiers.calibration import KINDS, LOGITS, Calibration
from classifiers.corpus import Row, sources
from classifiers.linear import PARTS
from classifiers.verdict import Kind


def row(number: int, kind: Kind) -> Row:
    return Row(id=str(number), label=kind, origin="labelled", group=str(number), platform="weibo", words=())


def told(kind: Kind, chance: random.Random) -> list[float]:
    """Logits whose parts speak for a kind, loudly in the best sentence, not at all in the whole."""
    parts = [chance.gauss(0, 1) for _ in range(PARTS)]
    parts[LOGITS + 1 + KINDS.index(kind)] += 6.0
    settled = 4.0 if kind is Kind.RESOLVED else -4.0
    case = 3.0 if kind is Kind.OPEN else -6.0
    return [case, *[0.0] * len(KINDS), settled + chance.gauss(0, 1), max(case, -settled), *parts]


@pytest.fixture(scope="module")
def unseen() -> tuple[list[Row], list[list[float]]]:
    chance = random.Random(7)
    rows = [row(number, KINDS[number % len(KINDS)]) for number in range(150)]
    return rows, [told(each.label, chance) for each in rows]


def test_what_speaks_in_the_best_sentence_is_learnt_to_tell_the_kinds(
    unseen: tuple[list[Row], list[list[float]]],
) -> None:
    rows, logits = unseen
    mix = kinds.mix(rows, logits)
    assert mix is not None
    assert mix.shape == (PARTS + 1, len(KINDS) - 1)
    for each, before, after in zip(rows, logits, kinds.mingled(mix, logits), strict=True):
        if each.label is not Kind.OPEN:
            assert KINDS[1 + int(np.argmax(after[2 : LOGITS - 1]))] is each.label
        assert after[:2] + after[LOGITS - 1 :] == before[:2] + before[LOGITS - 1 :]


def test_the_same_rows_give_the_same_numbers(unseen: tuple[list[Row], list[list[float]]]) -> None:
    first, second = kinds.mix(*unseen), kinds.mix(*unseen)
    assert first is not None
    assert second is not None
    assert first.tobytes() == second.tobytes()
    assert kinds.settled(*unseen) == kinds.settled(*unseen)


def test_nothing_is_learnt_of_a_kind_that_few_rows_have(unseen: tuple[list[Row], list[list[float]]]) -> None:
    rows = [replace(each, label=Kind.OPEN) if each.label is Kind.RESOLVED else each for each in unseen[0]]
    assert kinds.mix(rows, unseen[1]) is None
    assert kinds.settled(rows, unseen[1]) == {}
    assert kinds.mingled(None, unseen[1]) == unseen[1]


def test_no_row_is_judged_by_what_its_own_group_taught(unseen: tuple[list[Row], list[list[float]]]) -> None:
    rows, logits = unseen
    before = kinds.unseen(rows, logits)
    wrong = [replace(rows[0], label=Kind.NOISE), *rows[1:]]
    after = kinds.unseen(wrong, logits)
    assert before[0] == after[0]
    assert before != after


def test_a_case_that_was_paid_is_resolved_and_no_open_case() -> None:
    calibration = Calibration(settled_slope=1.0, settled_offset=0.0)
    paid = [-6.0, *[0.0] * 5, 5.0, 4.0]
    score, shares = calibration.verdict(paid)
    assert max(shares, key=lambda kind: shares[kind]) is Kind.RESOLVED
    assert score < 0.01
    assert sum(shares.values()) == pytest.approx(1.0)
    unpaid = [4.0, *[0.0] * 5, -5.0, 4.0]
    assert max(calibration.verdict(unpaid)[1].items(), key=lambda item: item[1])[0] is Kind.OPEN


def test_a_post_about_a_paid_debt_says_so_where_it_stands() -> None:
    owed = [sources.counted(None, f"厂里拖欠我们第{number}个月工资没发") for number in range(9)]
    paid = [sources.counted(None, f"厂里拖欠我们第{number}个月工资，昨天已全部结清") for number in range(9)]
    rows = [replace(row(at, Kind.OPEN), **each) for at, each in enumerate(owed)]
    rows += [replace(row(100 + at, Kind.RESOLVED), **each) for at, each in enumerate(paid)]
    logits = train.fit(rows).logits([each.told for each in rows])
    assert (logits[:9, LOGITS - 1] < logits[9:, LOGITS - 1].min()).all()
