"""Which incident a post joins. Pure: knows facts and texts, no store and no clock.

An incident is one debt of one employer or project. A post is compared with the incident's representative only (a star,
never a chain), and only incidents that share a key with it are looked at, so the work does not grow with the ledger.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from monitor.model import Facts, Reading

WINDOW = timedelta(days=60)  # a debt is talked about for weeks; later posts open anew and a person may merge
NEAR = 0.55  # Jaccard of 3-character shingles from which two texts are the same text retold
SHINGLE = 3
SAME_LEAST = 12  # characters from which the same words are a copy; 还我血汗钱 is said by many
HELD, HELD_LEAST = 0.8, 10  # share of the shorter text's shingles, and how many it must have, to be part of the longer
PASSAGE, WINDOW_OF_PASSAGES, PASSAGES_FROM = 8, 6, 200  # winnowing: characters, hashes a window, text looked at
END = 4  # characters at either end of a name that are keys of their own
BANDS, ROWS = 32, 4  # MinHash: recall 1.0 at Jaccard 0.7
ALGORITHM = "1"  # stored with every key: a new rule never meets old digests
GENERIC = re.compile(
    r"^(?:[某一这那本该我]|有)?(?:[家个]|些)?(?:老板|包工头|工头|公司|工厂|厂家?|厂里|单位|项目部?|工地|甲方|总包|分包|劳务公司|劳务"
    r"|施工单位|施工队|建设单位|开发商|班组|建筑公司|店|饭店|学校|政府|村委会|领导|财务|中介|平台|小区|楼盘|工程)(?:方|的?人)?$"
)
NOT_TEXT = re.compile(r"[\W_]+")
ORGANISATION = re.compile(r"(?:有限|责任|股份|集团|公司|分公司|工程|建设|建筑|劳务|实业|贸易)+$")


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
    for candidate in candidates:
        if candidate.incident in cannot:
            continue
        if candidate.incident in must:
            return Placement(candidate.incident, "linked by a person", candidate.closed)
        if now - candidate.updated_at > WINDOW:
            continue
        score, reason = likeness(reading, candidate)
        if score > 0 and (best is None or (score, candidate.updated_at) > (best[0], best[1].updated_at)):
            best = (score, candidate, reason)
    if best is None:
        return Placement(None, "no open incident shares its employer, project or text")
    return Placement(best[1].incident, best[2], best[1].closed)


def likeness(reading: Reading, candidate: Candidate) -> tuple[float, str]:
    """How surely both tell of one debt, 0 for no, and why."""
    facts, other = reading.facts, candidate.facts
    text = normal(reading.post.full_text)
    if len(text) >= SAME_LEAST and text == normal(candidate.text):
        return 4.0, "same text"
    conflict = disagreement(facts, other)
    held = _held(text, normal(candidate.text))
    if held >= HELD and not conflict.startswith("two places"):
        return 3.5, f"one text holds the other ({held:.2f})"
    if conflict:
        return 0.0, conflict
    if same_name(facts.project, other.project):
        return 3.0, f"same project {facts.project}"
    near = jaccard(text, normal(candidate.text))
    if near >= NEAR:
        return 2.0 + near, f"nearly the same text ({near:.2f})"
    if same_name(facts.employer, other.employer):
        return 2.0, f"same employer {facts.employer}"
    same_amount = facts.amount_yuan and facts.amount_yuan == other.amount_yuan
    if same_amount and facts.workers and facts.workers == other.workers and _same_town(facts, other):
        return 1.0, f"same amount {facts.amount_yuan:.0f} and workers {facts.workers}, no other place"
    return 0.0, "nothing in common"


def disagreement(one: Facts, other: Facts) -> str:
    """What shows that these are two debts; empty where nothing does."""
    if specific(one.project) and specific(other.project) and not same_name(one.project, other.project):
        return f"two projects: {one.project}, {other.project}"
    both = specific(one.employer) and specific(other.employer)
    if both and not same_name(one.employer, other.employer) and not same_name(one.project, other.project):
        return f"two employers: {one.employer}, {other.employer}"
    codes = [
        place.code for place in (one.place, other.place) if place and place.code and place.level in ("county", "town")
    ]
    if len(codes) == 2 and codes[0][:6] != codes[1][:6]:
        return f"two places: {codes[0]}, {codes[1]}"
    return ""


def keys(reading: Reading) -> tuple[str, ...]:
    """What a later post of the same debt would share: looked up in the store before `place` is asked."""
    facts = reading.facts
    found = [
        f"{kind}{key}"
        for kind, written in (("p", facts.project), ("e", facts.employer))
        for name in parts(written)
        for key in _name_keys(core(name))
    ]
    if facts.amount_yuan and facts.workers:
        found.append(f"a:{facts.amount_yuan:.0f}:{facts.workers}")
    text = normal(reading.post.full_text)
    if len(text) >= SAME_LEAST:
        found.append("t:" + hashlib.sha256(text.encode()).hexdigest()[:24])
    found += [f"b{band}:{digest}" for band, digest in enumerate(_bands(text))]
    found += [f"w:{digest}" for digest in _passages(text)]
    return tuple(f"{ALGORITHM}{key}"[:120] for key in dict.fromkeys(found))


# ------------------------------------------------------------------ names
def _name_keys(name: str) -> tuple[str, ...]:
    """A name, and its two ends: 庚味火锅 must be found by 庚味火锅东岸店, which `same_name` then takes for the same."""
    return (f":{name}", f"<:{name[:END]}", f">:{name[-END:]}") if len(name) >= END else (f":{name}",)


def parts(name: str | None) -> list[str]:
    """The single names in `甲木建工/乙禾劳务`, without those that say nothing."""
    return [part for part in re.split(r"[/、,，;；]", name or "") if specific(part)]


@lru_cache(maxsize=16384)
def specific(name: str | None) -> bool:
    """Whether a name can tell two debts apart."""
    return bool(name) and len(core(name or "")) >= 2 and not GENERIC.match((name or "").strip())


@lru_cache(maxsize=16384)
def core(name: str) -> str:
    """A name without width, spaces and the usual endings of organisations: 甲木建工有限公司 -> 甲木建工."""
    plain = NOT_TEXT.sub("", unicodedata.normalize("NFKC", re.sub(r"[(（].*?[)）]", "", name))).lower()
    short = ORGANISATION.sub("", plain)
    return short if len(short) >= 2 else plain


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two written names mean one: equal cores, or one holds the other (锦禾苑 and 锦禾苑三期 do not clash)."""
    for a in map(core, parts(one)):
        for b in map(core, parts(other)):
            if a == b or (min(len(a), len(b)) >= 3 and (a in b or b in a)):
                return True
    return False


def _same_town(one: Facts, other: Facts) -> bool:
    a, b = one.place, other.place
    return a is None or b is None or not a.town or not b.town or a.town == b.town


# ------------------------------------------------------------------ texts
@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Letters and digits only, one width, one case: what is left when a post is copied by hand."""
    return NOT_TEXT.sub("", unicodedata.normalize("NFKC", text)).lower()


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
    hashes = [
        hashlib.blake2b(start[i : i + PASSAGE].encode(), digest_size=6).hexdigest()
        for i in range(len(start) - PASSAGE + 1)
    ]
    if not hashes:
        return []
    windows = range(max(len(hashes) - WINDOW_OF_PASSAGES + 1, 1))
    return list(dict.fromkeys(min(hashes[i : i + WINDOW_OF_PASSAGES]) for i in windows))


@lru_cache(maxsize=4096)
def shingles(text: str) -> frozenset[str]:
    return frozenset(text[i : i + SHINGLE] for i in range(max(len(text) - SHINGLE + 1, 0)))


def _bands(text: str) -> list[str]:
    """One digest for each band of a MinHash signature (Broder 1997); texts that share one are probably near."""
    if len(text) < 12:
        return []
    from rensa import RMinHash

    sketch = RMinHash(num_perm=BANDS * ROWS, seed=1)
    sketch.update(sorted(shingles(text)))
    values = sketch.digest()
    return [hashlib.sha256(repr(values[i : i + ROWS]).encode()).hexdigest()[:16] for i in range(0, len(values), ROWS)]
