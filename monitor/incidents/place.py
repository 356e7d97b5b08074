"""Which incident a post joins. Pure: knows facts and texts, no store and no clock.

An incident is one debt of one employer or project. A post is compared with the incident's representative only (a star,
never a chain), and only incidents that share a key with it are looked at, so the work does not grow with the ledger.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import nlargest

from monitor.incidents.names import core, parts, same_name, specific
from monitor.incidents.rarity import alike, normal, rarest, weights, within
from monitor.model import Facts, Reading

WINDOW = timedelta(days=60)  # a debt is talked about for weeks; later posts open anew and a person may merge
NEAR = 0.55  # Jaccard of 3-character shingles from which two texts are the same text retold
SHINGLE = 3
SAME_LEAST = 12  # characters from which the same words are a copy; 还我血汗钱 is said by many
HELD, HELD_LEAST = 0.8, 10  # share of the shorter text's shingles, and how many it must have, to be part of the longer
COPY = 0.95  # the same where a figure differs: a correction, not another debt told in the same form
PASSAGE, WINDOW_OF_PASSAGES, PASSAGES_FROM = 8, 6, 200  # winnowing: characters, hashes a window, text looked at
END = 4  # characters at either end of a name that are keys of their own
RARE_KEYS, SLACK = 16, 2.0  # rare trigrams that are keys, and how far below the rarest they may lie
RARE, RARE_CONFIRMED = 0.75, 0.15  # likeness over rare words that ties two posts; less with the same sum or place
HEAD, HEAD_CONFIRMED, RARE_LEAST = 0.4, 0.28, 0.1  # weight of a heading that the other text holds; less with rare words
SURE, RIVAL, RIVALS = 1.0, 0.75, 2  # words alone score less; so many as like as the best show that a form was filled in
HEADING_LEAST, HEADING_MOST = 8, 80  # characters of a heading
NAME_LEAST, TITLE, EXACT = 3, 12, 4  # characters of a name looked for in a text; of a title; figures of an exact sum
ALGORITHM = "2"  # stored with every key: a new rule never meets old digests
FIRM = tuple(f"{ALGORITHM}{kind}:" for kind in "natx")  # keys that are names, sums, or whole texts
FIRM_WEIGHT, COMMON, COMPARED = 100, 40, 12  # of a firm key; incidents that words may be shared by; incidents compared


@dataclass(frozen=True, slots=True)
class Candidate:
    """An incident that shares a key with the post. `text`: its representative's full text."""

    incident: str
    facts: Facts
    text: str
    updated_at: datetime
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the post goes; `incident` None: it opens a new one. `reopens`: the joined incident was closed."""

    incident: str | None
    reason: str
    reopens: bool = False

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
) -> Placement:
    """The incident `reading` joins, with the reason; the best candidate wins, a person's links come first.

    `must` and `cannot`: incidents that a person tied this post to, or kept it from.
    """
    best: tuple[float, Candidate, str] | None = None
    weak: list[float] = []
    for candidate in candidates:
        if candidate.incident in cannot:
            continue
        if candidate.incident in must:
            return Placement(candidate.incident, "linked by a person", candidate.closed)
        if now - candidate.updated_at > WINDOW:
            continue
        score, reason = likeness(reading, candidate)
        if 0 < score < SURE:
            weak.append(score)
        if score > 0 and (best is None or (score, candidate.updated_at) > (best[0], best[1].updated_at)):
            best = (score, candidate, reason)
    if best is None:
        return Placement(None, "no open incident shares its employer, project or text")
    if best[0] < SURE and sum(score >= RIVAL * best[0] for score in weak) > RIVALS:
        return Placement(None, "a form of words that several debts share")
    return Placement(best[1].incident, best[2], best[1].closed)


def likeness(reading: Reading, candidate: Candidate) -> tuple[float, str]:
    """How surely both tell of one debt, 0 for no, and why."""
    facts, other = reading.facts, candidate.facts
    text, told = normal(reading.post.full_text), normal(candidate.text)
    if len(text) >= SAME_LEAST and text == told:
        return 4.0, "same text"
    conflict = disagreement(facts, other, text, told)
    held = _held(text, told) if not conflict or _same_title(text, told) else 0.0
    figures = _other_figures(facts, other)
    if held >= (COPY if figures else HELD) and not conflict.startswith("two places"):
        return 3.5, f"one text holds the other ({held:.2f})"
    if conflict:
        return 0.0, conflict
    if same_name(facts.project, other.project):
        return 3.0, f"same project {facts.project}"
    near = jaccard(text, told) if min(len(text), len(told)) >= SAME_LEAST else 0.0
    if near >= NEAR and not figures:
        return 2.0 + near, f"nearly the same text ({near:.2f})"
    if same_name(facts.employer, other.employer):
        return 2.0, f"same employer {facts.employer}"
    if same_name(facts.employer, other.project) or same_name(facts.project, other.employer):
        return 1.9, f"same name {facts.employer or facts.project}"
    return _weaker(facts, other, text, told, (_heading(reading.post.full_text), _heading(candidate.text)))


def _weaker(facts: Facts, other: Facts, text: str, told: str, heads: tuple[str, str]) -> tuple[float, str]:
    """A name that the other text holds, the same exact sum, a heading retold, rare words shared; nothing against it."""
    named = _named_in(facts, told) or _named_in(other, text)
    if named:
        return 1.8, f"the other text names {named}"
    if different(facts.amount_yuan, other.amount_yuan) or different(facts.workers, other.workers):
        return 0.0, "other sum or number of workers"
    same_amount = facts.amount_yuan and facts.amount_yuan == other.amount_yuan
    if same_amount and exact(facts.amount_yuan):
        return 1.5, f"same exact amount {facts.amount_yuan:.2f}"
    if same_amount and facts.workers and facts.workers == other.workers and _same_town(facts, other):
        return 1.0, f"same amount {facts.amount_yuan:.0f} and workers {facts.workers}, no other place"
    if min(len(text), len(told)) < HEADING_LEAST:
        return 0.0, "too short to be compared"
    if (_names(facts) and _names(other)) or not (_told(facts.employer, told) and _told(other.employer, text)):
        return 0.0, "each names another"
    if _other_figures(facts, other):
        return 0.0, _other_figures(facts, other)
    return _rare_words(facts, other, same_amount=bool(same_amount), texts=(text, told), heads=heads)


def _rare_words(
    facts: Facts, other: Facts, *, same_amount: bool, texts: tuple[str, str], heads: tuple[str, str]
) -> tuple[float, str]:
    rare = alike(*texts)
    confirmed = same_amount or _same_place(facts, other)
    if rare >= (RARE_CONFIRMED if confirmed else RARE):
        return rare, f"same rare words ({rare:.2f})"
    head = max(within(heads[0], texts[1]), within(heads[1], texts[0]))
    if head >= HEAD or (head >= HEAD_CONFIRMED and rare >= RARE_LEAST):
        return head / 2, f"a heading retold ({head:.2f})"
    return 0.0, "nothing in common"


def disagreement(one: Facts, other: Facts, text: str = "", told: str = "") -> str:
    """What shows that these are two debts; empty where nothing does. A name that both texts hold shows nothing."""
    if _clash(one.project, other.project, text, told):
        return f"two projects: {one.project}, {other.project}"
    if _clash(one.employer, other.employer, text, told) and not same_name(one.project, other.project):
        return f"two employers: {one.employer}, {other.employer}"
    codes = [
        place.code for place in (one.place, other.place) if place and place.code and place.level in ("county", "town")
    ]
    if len(codes) == 2 and codes[0][:6] != codes[1][:6]:
        return f"two places: {codes[0]}, {codes[1]}"
    return ""


def _clash(one: str | None, other: str | None, text: str, told: str) -> bool:
    if not (specific(one) and specific(other)) or same_name(one, other):
        return False
    return not (_within(one, told) or _within(other, text))


def _within(name: str | None, text: str) -> str:
    """The single name in `name` that `text` holds, long enough to mean it."""
    return next((part for part in parts(name) if len(core(part)) >= NAME_LEAST and core(part) in text), "")


def _names(facts: Facts) -> bool:
    return specific(facts.project) or specific(facts.employer)


def _other_figures(one: Facts, other: Facts) -> str:
    """A figure that both state and that differs: between texts that are alike, all that tells two debts apart."""
    for name in ("amount_yuan", "workers", "months"):
        a, b = getattr(one, name), getattr(other, name)
        if a and b and a != b:
            return f"other {name}: {a:g}, {b:g}"
    return ""


def _told(employer: str | None, text: str) -> bool:
    """Whether a text knows of what the other calls its employer by a trade only: 物业公司 is not 电子厂."""
    return not employer or specific(employer) or normal(employer) in text


def _named_in(facts: Facts, text: str) -> str:
    return _within(facts.project, text) or _within(facts.employer, text)


def _heading(text: str) -> str:
    """The title above a text, empty where it has none or one of a few words."""
    first, line, _ = text.partition("\n")
    head = normal(first) if line and len(first) <= HEADING_MOST else ""
    return head if len(head) >= HEADING_LEAST else ""


def exact(amount: float | None) -> bool:
    """Whether a sum is stated so exactly that two debts hardly share it: four figures before the noughts."""
    return amount is not None and len(f"{amount:.2f}".replace(".", "").strip("0")) >= EXACT


def different(one: float | None, other: float | None) -> bool:
    """Whether two stated figures are too far apart to be one counted twice."""
    return bool(one and other) and max(one or 0, other or 0) > 1.5 * min(one or 0, other or 0)


def _same_place(one: Facts, other: Facts) -> bool:
    a, b = one.place, other.place
    return bool(a and b and a.code and a.code == b.code and a.level in ("county", "town"))


def _same_title(text: str, told: str) -> bool:
    """Whether both begin with the same words: a title alone, and the same title with its text."""
    return len(min(text, told, key=len)) >= TITLE and text[:TITLE] == told[:TITLE]


def keys(reading: Reading) -> tuple[str, ...]:
    """What a later post of the same debt would share: looked up in the store before `place` is asked."""
    facts = reading.facts
    found = [
        f"n{key}"
        for written in (facts.project, facts.employer)
        for name in parts(written)
        for key in _name_keys(core(name))
    ]
    if facts.amount_yuan and facts.workers:
        found.append(f"a:{facts.amount_yuan:.0f}:{facts.workers}")
    if exact(facts.amount_yuan):
        found.append(f"x:{facts.amount_yuan:.2f}")
    text = normal(reading.post.full_text)
    if len(text) >= SAME_LEAST:
        found.append("t:" + hashlib.sha256(text.encode()).hexdigest()[:24])
    found += [f"r:{gram}" for gram in _rarest(text)]
    found += [f"w:{digest}" for digest in _passages(text)]
    return tuple(f"{ALGORITHM}{key}"[:120] for key in dict.fromkeys(found))


def nearest(of_key: Mapping[str, Collection[str]]) -> list[str]:
    """The incidents to be compared, best first and `COMPARED` at most, from those that share each of a post's keys.

    Who shares a name, a sum or the whole text comes before who shares words; words that more than `COMMON` incidents
    share are a form that many fill in, however rare they are elsewhere, and count for nothing.
    """
    shared: dict[str, int] = {}
    for key, incidents in of_key.items():
        firm = key.startswith(FIRM)
        if firm or len(incidents) <= COMMON:
            more = FIRM_WEIGHT if firm else 1
            for incident in incidents:
                shared[incident] = shared.get(incident, 0) + more
    ranked = nlargest(COMPARED, ((count, incident) for incident, count in shared.items()))
    return [incident for _, incident in ranked]


# ------------------------------------------------------------------ names
def _name_keys(name: str) -> tuple[str, ...]:
    """A name, and its two ends: 庚味火锅 must be found by 庚味火锅东岸店, which `same_name` then takes for the same."""
    return (f":{name}", f"<:{name[:END]}", f">:{name[-END:]}") if len(name) >= END else (f":{name}",)


def _same_town(one: Facts, other: Facts) -> bool:
    a, b = one.place, other.place
    return a is None or b is None or not a.town or not b.town or a.town == b.town


# ------------------------------------------------------------------ texts
def jaccard(one: str, other: str) -> float:
    """Share of common 3-character shingles, 0..1."""
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def _held(one: str, other: str) -> float:
    """Share of the shorter text's shingles that stand in the longer one; 0 where the shorter says too little."""
    a, b = shingles(one), shingles(other)
    least = min(len(a), len(b))
    return len(a & b) / least if least >= HELD_LEAST else 0.0


def _passages(text: str) -> list[str]:
    """Fingerprints of passages: two texts that share 13 characters in a row share one (Schleimer et al. 2003)."""
    start = text[:PASSAGES_FROM]
    data, ends = start.encode(), [0]
    for char in start:
        ends.append(ends[-1] + len(char.encode()))
    hashes = [zlib.crc32(data[ends[i] : ends[i + PASSAGE]]) for i in range(len(start) - PASSAGE + 1)]
    if not hashes:
        return []
    windows = range(max(len(hashes) - WINDOW_OF_PASSAGES + 1, 1))
    return [f"{one:08x}" for one in dict.fromkeys(min(hashes[i : i + WINDOW_OF_PASSAGES]) for i in windows)]


@lru_cache(maxsize=4096)
def shingles(text: str) -> frozenset[str]:
    return frozenset(text[i : i + SHINGLE] for i in range(max(len(text) - SHINGLE + 1, 0)))


def _rarest(text: str) -> list[str]:
    """Trigrams that few posts hold: of the rarest, those of least digest, so that two texts choose the same."""
    least = rarest() - SLACK
    rare = [gram for gram, value in weights(text).items() if value >= least]
    return sorted(rare, key=_digest)[:RARE_KEYS]


@lru_cache(maxsize=1 << 16)
def _digest(gram: str) -> int:
    return zlib.crc32(gram.encode(), 7)
