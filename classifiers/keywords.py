"""The baseline: a regular expression of the obvious words. Knows no weights; better models are measured against it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from classifiers.verdict import Assessment, Flag, Kind, Reason, full_text

VERSION = "keywords-1"

_OBVIOUS = re.compile(
    r"欠薪|讨薪|(?:拖欠|克扣|欠|追讨|讨要|不发|没发|未发|不给|没给|不结|没结|未支付|拿不到|没拿到)[^。！？!?\n]{0,12}"
    r"(?:工资|工钱|薪水|薪资|薪酬|劳务费|人工费|血汗钱|提成|绩效|奖金|加班费)"
    r"|(?:工资|工钱|薪水|薪资|薪酬|劳务费|人工费|血汗钱|提成|绩效|奖金|加班费)[^。！？!?\n]{0,12}"
    r"(?:拖欠|不发|没发|未发|不给|没给|没有发|没结|不结|未结|未付|未支付|一分|没着落)"
)


class Keywords:
    """Alert where the pattern is found; the score is 1 or 0 and calibrated to nothing."""

    version = VERSION

    def assess(self, posts: Sequence[tuple[str | None, str]]) -> list[Assessment]:
        """One assessment a post (title, text)."""
        return [self.assess_one(title, text) for title, text in posts]

    def assess_one(self, title: str | None, text: str) -> Assessment:
        """The first place the pattern matches is the reason."""
        found = _OBVIOUS.search(full_text(title, text))
        kind = Kind.OPEN if found else Kind.NOISE
        return Assessment(
            flag=Flag.ALERT if found else Flag.PASS,
            score=float(found is not None),
            kind=kind,
            life_risk=False,
            model=VERSION,
            reasons=(Reason(found.group(), found.start(), found.end(), 1.0),) if found else (),
            kinds={each: float(each is kind) for each in Kind},
        )
