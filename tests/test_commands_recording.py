"""What `xinshao record` takes from the command line: the keys of the act, in their form, and nothing else."""

from __future__ import annotations

import pytest
import typer

from monitor.commands.recording import _data
from monitor.ledger.given import forms
from monitor.model import Act


def test_words_stay_words_and_numbers_become_numbers() -> None:
    assert _data(Act.VERIFY, ["verification=true", "yuan=460000", "workers=23"]) == {
        "verification": "true", "yuan": 460_000, "workers": 23,
    }  # fmt: skip
    assert _data(Act.CLOSE, ["code=C5", "case_number=2026"]) == {"code": "C5", "case_number": "2026"}
    assert _data(Act.ARBITRATE, ["lead=hrss", "final=true"]) == {"lead": "hrss", "final": True}


@pytest.mark.parametrize(
    ("act", "value"), [(Act.PAY, "proof=1"), (Act.CLOSE, "evidence=x"), (Act.PAUSE, "days=3"), (Act.PAY, "yuan")]
)
def test_a_key_the_act_does_not_take_is_no_silent_nothing(act: Act, value: str) -> None:
    with pytest.raises(typer.BadParameter):
        _data(act, [value])


@pytest.mark.parametrize("act", [Act.FILE, Act.SILENCE, Act.UNMASK, Act.OPEN, Act.ROSTER])
def test_what_needs_more_than_words_has_its_own_way_in(act: Act) -> None:
    assert forms(act) is None
    with pytest.raises(typer.BadParameter):
        _data(act, [])
