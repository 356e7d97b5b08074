"""What a reviewer is asked next, and how its worth is reckoned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import learning
from classifiers.learning import Asked, Needed, Why

SINGLES = [frozenset({str(at)}) for at in range(40)]
NAMES = [f"post-{at}" for at in range(40)]


def test_the_doubtful_come_first_and_copies_last() -> None:
    features = [frozenset("ab"), frozenset("ab"), frozenset("cd"), frozenset("ef")]
    asked = learning.order([0.5, 0.51, 0.7, 0.99], features, NAMES[:4], waiting=4)
    assert asked == [Asked(0, Why.DOUBT), Asked(2, Why.DOUBT), Asked(3, Why.DOUBT), Asked(1, Why.COPY)]


def test_every_tenth_is_drawn_by_lot_and_the_same_everywhere() -> None:
    scores = [0.5 + at / 100 for at in range(40)]
    asked = learning.order(scores, SINGLES, NAMES)
    drawn = [at for at, each in enumerate(asked) if each.why is Why.CHANCE]
    assert drawn == [0, 10, 20, 30]
    assert asked == learning.order(scores, SINGLES, NAMES)
    doubtful = [each.at for each in asked if each.why is Why.DOUBT]
    assert doubtful == sorted(doubtful)
    others = learning.order([1.0 - score for score in scores], SINGLES, NAMES)
    assert others[0] == asked[0]  # the lot does not look at the score


def test_a_queue_asked_for_anew_after_each_decision_draws_one_in_ten_all_the_same() -> None:
    left, whys = list(range(40)), []
    while left:
        [first] = learning.order(
            [0.5 + at / 100 for at in left], [SINGLES[at] for at in left], [NAMES[at] for at in left], size=1
        )
        whys.append(first.why)
        del left[first.at]
    assert whys.count(Why.CHANCE) == 4
    assert set(whys) == {Why.CHANCE, Why.DOUBT}


@given(
    st.lists(st.tuples(st.floats(0, 1), st.frozensets(st.sampled_from("甲乙丙丁戊"))), max_size=25), st.integers(0, 30)
)
def test_every_post_is_asked_for_once(posts: list[tuple[float, frozenset[str]]], size: int) -> None:
    scores, features = [score for score, _ in posts], [each for _, each in posts]
    asked = [each.at for each in learning.order(scores, features, NAMES[: len(posts)])]
    assert sorted(asked) == list(range(len(posts)))
    short = learning.order(scores, features, NAMES[: len(posts)], size=size)
    assert [each.at for each in short] == asked[:size]


def test_what_is_needed_is_compared_by_hand() -> None:
    told = Needed(queue=(20, 40, 60), random=(100, 80, 60)).figures()
    assert (told["labels_queue"], told["labels_random"], told["ratio"]) == (40, 80, 0.5)
    assert told["ratio_of_medians"] == 0.5
    assert told["ratio_low"] <= 0.5 <= told["ratio_high"]
    assert Needed(queue=(30, 30), random=(60, 60)).figures()["ratio_high"] == pytest.approx(0.5)
