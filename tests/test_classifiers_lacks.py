"""What a post lacks to be an open case: codes that fit the posts, what they teach, and that nothing may be missing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifiers import features, train
from classifiers.calibration import LOGITS
from classifiers.corpus import STATES, Row, base, sources
from classifiers.lacks import LACKS, LETTERS, Codes
from classifiers.linear import ABOVE, MIX, SEEN, WANT
from classifiers.scan import scan
from classifiers.verdict import Kind


def row(number: int, text: str, kind: Kind, lack: str = "", states: tuple[int, ...] = ()) -> Row:
    counted = sources.counted(None, text) | {"lack": lack, "hinge": 0 if lack else -1, "states": states}
    return Row(id=str(number), label=kind, origin="labelled", group=str(number), platform="weibo", **counted)


def posts(coded: bool) -> list[Row]:
    """Debts of wages to workers, and as many of pensions to the old: the code says which money was meant."""
    rows = []
    for number in range(12):
        debt = f"厂里拖欠我们工资，第{number}个月没发"
        old = f"县里拖欠老人退休金，第{number}个月没发"
        rows.append(row(number, debt, Kind.OPEN, states=(STATES,)))
        rows.append(row(100 + number, old, Kind.DISPUTE, "puo" if coded else ""))
    return rows


def test_a_code_names_money_state_and_case_and_holds_no_text() -> None:
    lines = sources.packaged("lacks_read.jsonl")
    assert len(lines) >= 4_500
    assert len({line["hash"] for line in lines}) == len(lines)
    for line in lines:
        assert set(line) <= {"hash", "lack", "at"}
        assert re.fullmatch(r"[0-9a-f]{16}", line["hash"])
        assert all(letter in known for letter, known in zip(line["lack"], LETTERS, strict=True))
        assert line.get("at", 0) >= 0


def test_every_letter_that_is_no_case_is_a_lack() -> None:
    for place, letters in enumerate(LETTERS):
        missing = set(letters) - {"w", "u", "o" if place == 2 else "", "-", "l" if place == 0 else ""}
        assert missing == set("".join(lack.letters for lack in LACKS if lack.place == place))


def test_a_pension_is_no_pay_and_a_state_that_nobody_coded_teaches_nothing() -> None:
    rows = posts(coded=True)
    owners = [each for each in rows for _ in each.sentences]
    codes = Codes(owners, np.array([STATES if each.open else -1 for each in owners]), np.ones(24), np.ones(24))
    has, weight = codes.lesson(LACKS[0])
    assert has.tolist() == [each.open for each in owners]
    assert set(weight) == {1.0}
    settled, known = codes.lesson(next(lack for lack in LACKS if lack.name == "settled"))
    assert settled[known > 0].all()


def test_what_lacks_one_thing_is_no_case_whatever_else_speaks_for_it() -> None:
    linear = train.fit(posts(coded=True))
    wage, pension = (features.read(scan(f"拖欠{money}，没发")) for money in ("我们工资", "老人退休金"))
    parts = linear.sentence.scores([linear.sentence.vectors.columns(each.sentences[0]) for each in (wage, pension)])
    assert parts[0, LOGITS] > 0 > parts[1, LOGITS]
    for each, part in zip((wage, pension), parts, strict=True):
        held = part[0] - WANT * np.logaddexp(0, -part[LOGITS:]).sum()
        whole = linear.whole.scores([linear.whole.vectors.columns((each.words,))])[0, 0]
        plain = whole + MIX * part[0]
        kept = plain if plain < SEEN else SEEN + ABOVE * (plain - SEEN)
        assert linear.logits([each])[0, 0] == pytest.approx(max(whole + held, kept))


def test_what_would_be_a_case_but_for_a_lack_is_seen_by_a_person() -> None:
    """However much is lacking: a pension that is owed as loudly as pay stays far above a walk under blossoms."""
    linear = train.fit(posts(coded=True))
    linear.sentence.bias[LOGITS:] -= 50
    plain, none = (features.read(scan(text)) for text in ("拖欠我们工资，没发", "今天去看花"))
    held = linear.logits([plain])[0, 0]
    assert SEEN < held < SEEN + 2
    assert held > linear.logits([none])[0, 0]


def test_where_nobody_said_what_is_lacking_nothing_is_held_to() -> None:
    sentence = train.fit(posts(coded=False)).sentence
    assert not sentence.weights[LOGITS:].any()
    assert (sentence.bias[LOGITS:] > 10).all()


def test_shares_of_a_sentence_follow_what_it_lacks() -> None:
    linear = train.fit(posts(coded=True))
    (pension,) = features.read(scan("拖欠老人退休金，没发")).sentences
    named = "said|退休金"
    assert linear.shares(pension)[named] < linear.sentence.shares(pension)[named] < 0


def test_codes_outlive_the_base(tmp_path: Path) -> None:
    rows = [replace(each, hinge=at % 2 - 1) for at, each in enumerate(posts(coded=True))]
    base.save(rows, 10, tmp_path)
    assert [(each.lack, each.hinge) for each in base.load(tmp_path)[0]] == [(each.lack, each.hinge) for each in rows]


@pytest.mark.shared
def test_every_code_is_of_a_post_that_is_no_open_case() -> None:
    shared = sources.shared_folder()
    if shared is None:
        pytest.skip("no folder of shared posts beside the checkout")
    own = {sources.text_hash(raw.get("title"), raw["text"]) for raw in sources.own_texts() if raw["label"] != "open"}
    files = [shared / "data" / name for name in ("labelled.jsonl", "unlabelled.jsonl.gz", "background.jsonl.gz")]
    real = {sources.text_hash(raw["title"], raw["text"]) for file in files for raw in sources.texts(file)}
    assert {line["hash"] for line in sources.packaged("lacks_read.jsonl")} <= own | real
    coded = [each for each in sources.labelled(shared) if each.lack]
    assert len(coded) > 800
    assert not any(each.open for each in coded)
    assert all(-1 <= each.hinge < len(each.sentences) for each in coded)
