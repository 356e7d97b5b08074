"""A post as a page shows it: masked, with the words that decided marked. The only file here that looks under the mask.

The reasons of an assessment are offsets into the text as published; what is shown is the masked text. Both are cut at
their common parts, and a reason inside a masked part is not marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.facts.mask import mask
from monitor.store import posts
from monitor.web.present import Piece, pieces

LONGEST = 6_000  # characters of a post on a page


@dataclass(frozen=True, slots=True)
class Shown:
    """Pieces of title and text; `support`, `against`: whether words spoke for or against an open case."""

    title: Sequence[Piece]
    text: Sequence[Piece]
    support: bool
    against: bool
    cut: bool


def of_post(c: Any, row: Mapping[str, Any]) -> Shown:
    """The masked post in `row` (as posts.shown gives it) with its reasons marked."""
    original = posts.one(c, row["id"]) or {}
    title, text = row["masked_title"] or "", row["masked_text"]
    reasons = [(int(start), int(end), float(weight)) for start, end, weight in row["reasons"]]
    offset = len(original.get("title") or "") + 1 if original.get("title") else 0
    in_title = shifted([span for span in reasons if span[1] < offset], original.get("title") or "", title)
    body = [(start - offset, end - offset, weight) for start, end, weight in reasons if start >= offset]
    in_text = shifted(body, original.get("text") or "", text)
    return Shown(
        title=pieces(title, in_title),
        text=pieces(text[:LONGEST], in_text),
        support=any(weight > 0 for _, _, weight in reasons),
        against=any(weight < 0 for _, _, weight in reasons),
        cut=len(text) > LONGEST,
    )


def shifted(spans: Iterable[tuple[int, int, float]], original: str, masked: str) -> list[tuple[int, int, float]]:
    """Spans of the original as spans of the masked text; those that touch a masked part are left out."""
    if original == masked:
        return list(spans)
    blocks = _kept(original, masked)
    found = []
    for start, end, weight in spans:
        for a, b, size in blocks:
            if a <= start and end <= a + size:
                found.append((start - a + b, end - a + b, weight))
                break
    return found


def _kept(original: str, masked: str) -> list[tuple[int, int, int]]:
    """The parts that masking left as they were: (start in the original, start in the masked text, length)."""
    kept, at, cursor = [], 0, 0
    for start, end in [*((span.start, span.end) for span in mask(original).spans), (len(original), len(original))]:
        run = original[at:start]
        found = masked.find(run, cursor) if run else cursor
        if found < 0:
            break  # masked by an older rule: what follows is shown without marks
        kept.append((at, found, len(run)))
        at, cursor = end, found + len(run)
    return kept
