"""What must come of the scripted day, as plain data for the test that replays it. Knows no pipeline and no store.

A replay hands in what it found: the incidents with their posts, level and lead, and whether they were mailed.
`faults` answers in words; an empty list means that the day went as scripted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.demo.script import Row, Story, rows, stories
from monitor.model import Kind, Level

HARD = (Kind.DISPUTE, Kind.GENERAL, Kind.NOISE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replay made of one incident. `posts`: ids of the script (`crane-1`); `mailed`: any mail went out."""

    id: str
    level: Level
    lead: str
    posts: tuple[str, ...]
    mailed: bool


def alerting() -> tuple[Row, ...]:
    """The posts of scripted incidents, resolved ones included."""
    return tuple(row for row in rows() if row.mail)


def unsure() -> tuple[Row, ...]:
    """The posts that should wait for a person."""
    return tuple(row for row in rows() if row.unsure)


def hard_negatives() -> tuple[Row, ...]:
    """Disputes, general posts and noise: none may cause a mail at yellow or above."""
    return tuple(row for row in rows() if row.kind in HARD and row.incident is None)


def row_of(text: str) -> Row | None:
    """The scripted post with this text, however its site has shortened or broken it; None for a reply under one."""
    wanted = _bare(text)
    for row in rows():
        bare = _bare(row.text)
        if bare == wanted or (len(wanted) > 20 and (bare.startswith(wanted) or wanted in bare)):
            return row
    return None


def faults(outcomes: Iterable[Outcome]) -> list[str]:
    """Every difference between the day as scripted and as replayed, one sentence each."""
    found = list(outcomes)
    said = [sentence for story in stories().values() for sentence in _of_story(story, found)]
    hard = {row.id: row for row in hard_negatives()}
    loud = [one for one in found if one.mailed and one.level.rank >= Level.YELLOW.rank]
    for one in loud:
        caught = [hard[post] for post in one.posts if post in hard]
        said += [f"{row.id} ({row.kind}) is in {one.id}, mailed at {one.level}" for row in caught]
    mixed = [(one.id, _keys(one)) for one in loud if len(_keys(one)) > 1]
    return said + [f"{name} mixes {', '.join(sorted(keys))}" for name, keys in mixed]


def _of_story(story: Story, outcomes: list[Outcome]) -> list[str]:
    mine = [outcome for outcome in outcomes if story.key in _keys(outcome)]
    if not mine:
        return [f"{story.key}: never opened"]
    if len(mine) > 1:
        spread = "; ".join(f"{one.id}: {', '.join(one.posts)}" for one in mine)
        return [f"{story.key}: opened {len(mine)} times ({spread})"]
    said = []
    if mine[0].level is not story.level:
        said.append(f"{story.key}: {mine[0].level}, scripted {story.level}")
    if mine[0].lead != story.lead:
        said.append(f"{story.key}: led by {mine[0].lead}, scripted {story.lead}")
    if not mine[0].mailed and not story.hold:
        said.append(f"{story.key}: no mail")
    return said


def _keys(outcome: Outcome) -> set[str]:
    return {key for post in outcome.posts for key in [_by_id().get(post)] if key}


def _by_id() -> Mapping[str, str]:
    keys: dict[str, str] = defaultdict(str)
    keys.update({row.id: row.incident for row in rows() if row.incident})
    return keys


def _bare(text: str) -> str:
    return "".join(text.removesuffix("...").split())
