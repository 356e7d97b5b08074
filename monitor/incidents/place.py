"""Which incident a post joins. Pure: knows facts and texts, no store and no clock.

An incident is one debt of one employer or project. A post is compared with the incident's representative only (a star,
never a chain), and only incidents that share a key with it are looked at (`keys`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.incidents.keys import copies, exact, keys, nearest
from monitor.incidents.names import same_name, specific, spoken_forms, two_names
from monitor.incidents.rarity import alike, normal, within
from monitor.incidents.texts import SAME_LEAST, heading, held, jaccard, own_words
from monitor.model import Facts, Reading

__all__ = [
    "SAME_TEXT",
    "WINDOW",
    "Candidate",
    "Placement",
    "copies",
    "disagreement",
    "keys",
    "likeness",
    "nearest",
    "place",
]

WINDOW = timedelta(days=60)  # a debt is talked about for weeks; later posts open anew and a person may merge
NEAR = 0.55  # Jaccard of 3-character shingles from which two texts are the same text retold
HELD = 0.8  # share of the shorter text's shingles from which it is part of the longer
COPY = 0.95  # the same where a figure differs: a correction, not another debt told in the same form
RARE, RARE_CONFIRMED = 0.75, 0.15  # likeness over rare words that ties two posts; less with the same sum or place
HEAD, HEAD_CONFIRMED, RARE_LEAST = 0.4, 0.28, 0.1  # weight of a heading that the other text holds; less with rare words
SAME, HOLDS, SURE, RIVAL, RIVALS = (
    4.0,
    3.5,
    1.0,
    0.75,
    2,
)  # words alone are not sure; so many as like as the best show a form
SAME_TEXT = "same text"
WORDS_LEAST, TITLE = 8, 12  # characters of a text; of a title
FEW = 2  # workers: one writes for the other, so one and two do not differ


@dataclass(frozen=True, slots=True)
class Candidate:
    """An incident that shares a key with the post. `text`: its representative's full text."""

    incident: str
    facts: Facts
    text: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the post goes; `incident` None: it opens a new one."""

    incident: str | None
    reason: str

    @property
    def joined(self) -> bool:
        return self.incident is not None


def place(
    reading: Reading,
    candidates: Sequence[Candidate],
    now: datetime,
    *,
    must: frozenset[str] = frozenset(),
    cannot: frozenset[str] = frozenset(),
    copied: Collection[str] = (),
) -> Placement:
    """The incident `reading` joins, with the reason; the best candidate wins, a person's links come first.

    `must` and `cannot`: incidents that a person tied this post to, or kept it from. `copied`: those of which some
    post, if not the representative, has the same text (`copies`).
    """
    for candidate in candidates:
        if candidate.incident in must and candidate.incident not in cannot:
            return Placement(candidate.incident, "linked by a person")
    best: tuple[float, Candidate, str] | None = None
    weak: list[float] = []
    text = normal(reading.post.full_text)
    for candidate in candidates:
        if candidate.incident in cannot or now - candidate.updated_at > WINDOW:
            continue
        if candidate.incident in copied:
            score, reason = SAME, SAME_TEXT
        else:
            score, reason = likeness(reading, candidate, text)
        if 0 < score < SURE:
            weak.append(score)
        if score > 0 and (best is None or (score, candidate.updated_at) > (best[0], best[1].updated_at)):
            best = (score, candidate, reason)
    if best is None:
        return Placement(None, "no open incident shares its employer, project or text")
    if best[0] < SURE and sum(score >= RIVAL * best[0] for score in weak) > RIVALS:
        return Placement(None, "a form of words that several debts share")
    return Placement(best[1].incident, best[2])


def likeness(reading: Reading, candidate: Candidate, text: str) -> tuple[float, str]:
    """How surely both tell of one debt, 0 for no, and why. `text`: the reading's, normal."""
    facts, other, told = reading.facts, candidate.facts, normal(candidate.text)
    if len(text) >= SAME_LEAST and text == told:
        return SAME, SAME_TEXT
    conflict = disagreement(facts, other, text, told)
    part = held(text, told) if not conflict or _same_title(text, told) else 0.0
    figures = _other_figures(facts, other)
    if part >= (COPY if figures else HELD) and not conflict.startswith("two places"):
        return HOLDS, f"one text holds the other ({part:.2f})"
    if conflict:
        return 0.0, conflict
    if same_name(facts.project, other.project):
        return 3.0, f"same project {facts.project}"
    near = jaccard(text, told) if not figures and min(len(text), len(told)) >= SAME_LEAST else 0.0
    if near >= NEAR:
        return 2.0 + near, f"nearly the same text ({near:.2f})"
    if same_name(facts.employer, other.employer):
        return 2.0, f"same employer {facts.employer}"
    if same_name(facts.employer, other.project) or same_name(facts.project, other.employer):
        return 1.9, f"same name {facts.employer or facts.project}"
    return _named_or_counted(reading, candidate, text, told)


def _named_or_counted(reading: Reading, candidate: Candidate, text: str, told: str) -> tuple[float, str]:
    """A name that the other text holds, the same exact sum; nothing against it."""
    facts, other = reading.facts, candidate.facts
    named = _named_in(facts, told) or _named_in(other, text)
    if named:
        return 1.8, f"the other text names {named}"
    if _told_sum(facts.amount_yuan, candidate.text) or _told_sum(other.amount_yuan, reading.post.full_text):
        return 1.5, f"same exact amount {facts.amount_yuan or other.amount_yuan:.2f}"
    same_amount = bool(facts.amount_yuan) and facts.amount_yuan == other.amount_yuan
    crowd = not same_amount and _different_crowd(facts.workers, other.workers)
    if crowd or different(facts.amount_yuan, other.amount_yuan):
        return 0.0, "other sum or number of workers"
    if same_amount and exact(facts.amount_yuan):
        return 1.5, f"same exact amount {facts.amount_yuan:.2f}"
    if same_amount and facts.workers and facts.workers == other.workers and _may_be_the_same(facts, other):
        return 1.0, f"same amount {facts.amount_yuan:.0f} and workers {facts.workers}, no other place"
    if min(len(text), len(told)) < WORDS_LEAST:
        return 0.0, "too short to be compared"
    if (_names(facts) and _names(other)) or not (_told(facts.employer, told) and _told(other.employer, text)):
        return 0.0, "each names another"
    figures = _other_figures(facts, other)
    if figures and not same_amount:
        return 0.0, figures
    heads = heading(reading.post.full_text), heading(candidate.text)
    return _retold(text, told, heads, confirmed=same_amount or _same_place(facts, other))


def _retold(text: str, told: str, heads: tuple[str, str], *, confirmed: bool) -> tuple[float, str]:
    """Rare words shared, a heading retold, a name that only the two headings hold."""
    rare = alike(text, told)
    if rare >= (RARE_CONFIRMED if confirmed else RARE):
        return rare, f"same rare words ({rare:.2f})"
    head = max(within(heads[0], told), within(heads[1], text))
    if head >= HEAD or (head >= HEAD_CONFIRMED and rare >= RARE_LEAST):
        return head / 2, f"a heading retold ({head:.2f})"
    name = own_words(*heads) if all(heads) else ""
    return (0.5, f"both headings name {name}") if name else (0.0, "nothing in common")


def disagreement(one: Facts, other: Facts, text: str = "", told: str = "") -> str:
    """What shows that these are two debts; empty where nothing does. A name that both texts hold shows nothing."""
    if _clash(one.project, other.project, text, told):
        return f"two projects: {one.project}, {other.project}"
    if _clash(one.employer, other.employer, text, told) and not same_name(one.project, other.project):
        return f"two employers: {one.employer}, {other.employer}"
    codes = [
        place.code
        for place in (one.place, other.place)
        if place and place.code and place.level in ("county", "town") and not place.by_feed
    ]
    if len(codes) == 2 and codes[0][:6] != codes[1][:6]:
        return f"two places: {codes[0]}, {codes[1]}"
    return ""


def _clash(one: str | None, other: str | None, text: str, told: str) -> bool:
    return two_names(one, other) and not (_within(one, told) or _within(other, text))


def _within(name: str | None, text: str) -> str:
    """The single name in `name` that `text` holds, long enough to mean it."""
    for part, form in spoken_forms(name):
        if form in text:
            return part
    return ""


def _names(facts: Facts) -> bool:
    return specific(facts.project) or specific(facts.employer)


def _other_figures(one: Facts, other: Facts) -> str:
    """A figure that both state and that differs: between texts that are alike, all that tells two debts apart."""
    a, b = one.amount_yuan, other.amount_yuan
    if a and b and a != b:
        return f"other amount_yuan: {a:g}, {b:g}"
    m, n = one.workers, other.workers
    if m and n and m != n and max(m, n) > FEW:
        return f"other workers: {m}, {n}"
    a, b = one.months, other.months
    if a and b and a != b:
        return f"other months: {a:g}, {b:g}"
    return ""


def _told(employer: str | None, text: str) -> bool:
    """Whether a text knows of what the other calls its employer by a trade only: 物业公司 is not 电子厂."""
    return not employer or specific(employer) or normal(employer) in text


def _named_in(facts: Facts, text: str) -> str:
    return _within(facts.project, text) or _within(facts.employer, text)


def different(one: float | None, other: float | None) -> bool:
    """Whether two stated figures are too far apart to be one counted twice."""
    return bool(one and other) and max(one or 0, other or 0) > 1.5 * min(one or 0, other or 0)


def _different_crowd(one: int | None, other: int | None) -> bool:
    return different(one, other) and max(one or 0, other or 0) > FEW


def _told_sum(amount: float | None, text: str) -> bool:
    """Whether a text states this exact sum in figures: 余下128184元, though it leads with another."""
    if amount is None or not exact(amount):
        return False
    figures = f"{amount:.2f}".rstrip("0").rstrip(".")
    _, found, after = text.partition(figures)
    before = text[: len(text) - len(found) - len(after)][-1:]
    return bool(found) and not before.isdigit() and before != "." and not after[:1].isdigit()


def _same_place(one: Facts, other: Facts) -> bool:
    a, b = one.place, other.place
    named = a is not None and b is not None and not a.by_feed and not b.by_feed
    return bool(named and a and b and a.code and a.code == b.code and a.level in ("county", "town"))


def _same_title(text: str, told: str) -> bool:
    """Whether both begin with the same words: a title alone, and the same title with its text."""
    return len(min(text, told, key=len)) >= TITLE and text[:TITLE] == told[:TITLE]


def _may_be_the_same(one: Facts, other: Facts) -> bool:
    """Nothing against it that as many are owed as much: no other town, and not one worker each of two firms."""
    two_firms = one.workers == 1 and bool(one.employer) and bool(other.employer)
    return _same_town(one, other) and not two_firms


def _same_town(one: Facts, other: Facts) -> bool:
    a, b = one.place, other.place
    return a is None or b is None or not a.town or not b.town or a.town == b.town
