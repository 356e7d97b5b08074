"""Where danger to life that a rule found is only perhaps so (lexicon/unsure.yaml): a crane driver at work, a drill.

Knows what stands around a finding, not how it was found. A doubt never silences: it has a person read the post first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from classifiers.lexicon import load, written_out


@dataclass(frozen=True, slots=True)
class Doubt:
    """Holds where `said` stands in the sentence of a finding, and `but` nowhere in the text. Regular expressions.

    `at`: it is asked only of findings in which this stands; the empty one: of any.
    """

    said: str
    but: str = ""
    at: str = ""

    def holds(self, finding: str, sentence: str, text: str) -> bool:
        """Whether what was found in `sentence` of `text` is only perhaps so."""
        return (
            (not self.at or _compiled(self.at).search(finding) is not None)
            and _compiled(self.said).search(sentence) is not None
            and not (self.but and _compiled(self.but).search(text))
        )


@cache
def doubts() -> tuple[Doubt, ...]:
    """The packaged doubts, in their order."""
    written, words = load("unsure"), dict[str, str]()
    for name, pattern in written["words"].items():
        words[name] = written_out(pattern, words)
    return tuple(
        Doubt(*(written_out(doubt.get(key, ""), words) for key in ("said", "but", "at"))) for doubt in written["doubts"]
    )


def unsure(finding: str, sentence: str, text: str) -> bool:
    """Whether a danger to life that was found in `sentence` of `text` is only perhaps one."""
    return any(doubt.holds(finding, sentence, text) for doubt in doubts())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
