"""How telling three characters in a row are. Knows how often they stand in posts at large, and no post itself.

拖欠工 stands everywhere and ties nothing together; a name stands in two posts for a reason. The shipped table holds,
for hashed trigrams, the rounded logarithm of how many posts hold them; what fewer than `LEAST` posts hold is not in it,
so no text can be read out of it.
"""

from __future__ import annotations

import gzip
import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("rarity.gz")
SLOTS = 1 << 20  # of the table; a trigram's slot is its CRC-32
STEP = 0.25  # of the logarithm, per unit of a slot
LEAST = 5  # posts from which a trigram is noted
LOOKED_AT = 400  # characters of a post: who, where and how much stand early
TEXTS, TRIGRAMS = 1024, 1 << 15  # remembered: a text's trigrams take 40 kB, and those of 8,192 texts had filled 300 MB
LONG, FEW = 2 * LOOKED_AT, 64  # characters from which a text is remembered among a few only: it may have 100,000
NOT_TEXT = re.compile(r"[\W_]+")


def normal(text: str) -> str:
    """Letters and digits only, one width, one case: what is left when a post is copied by hand."""
    return _normal(text) if len(text) <= LONG else _long_normal(text)


@lru_cache(maxsize=8192)
def _normal(text: str) -> str:
    return NOT_TEXT.sub("", unicodedata.normalize("NFKC", text)).lower()


_long_normal = lru_cache(maxsize=FEW)(_normal.__wrapped__)


@lru_cache(maxsize=TEXTS)
def weights(text: str) -> dict[str, float]:
    """The trigrams of the start of a normal text, each with log(posts / posts that hold it)."""
    start = text[:LOOKED_AT]
    return {gram: weight(gram) for gram in {start[i : i + 3] for i in range(len(start) - 2)}}


@lru_cache(maxsize=TRIGRAMS)
def weight(gram: str) -> float:
    """log(posts / posts that hold the trigram); `rarest()` for what is not in the table."""
    top, table = _table()
    return top - table[zlib.crc32(gram.encode()) % SLOTS] * STEP


def rarest() -> float:
    """The weight of a trigram that is not in the table."""
    return _table()[0]


def alike(one: str, other: str) -> float:
    """Cosine of two normal texts over weighted trigrams, 0..1: what they share that few others say."""
    one, other = one[:LOOKED_AT], other[:LOOKED_AT]
    a, b = weights(one), weights(other)
    shared = sum(a[gram] ** 2 for gram in a.keys() & b.keys())
    return shared / (_norm(one) * _norm(other)) if shared else 0.0


def within(head: str, text: str) -> float:
    """Share of the weight of a normal heading that a normal text holds, 0..1."""
    if not head:
        return 0.0
    held = weights(head).keys() & weights(text[:LOOKED_AT]).keys()
    return sum(weights(head)[gram] ** 2 for gram in held) / (_norm(head) ** 2 or 1.0)


@lru_cache(maxsize=8192)
def _norm(text: str) -> float:
    return math.sqrt(sum(value * value for value in weights(text).values()))


# ------------------------------------------------------------------ the table
def build(*pools: Iterable[str]) -> bytes:
    """The table of one or more pools of full texts; a trigram is as common as in the pool where it is most common.

    Posts about wages are a pool of their own: what all of them say tells no two of them apart. First byte: the rarest
    weight; then one byte a slot, what is taken off it.
    """
    counted = [_count(pool) for pool in pools]
    top = math.log(max(posts for _, posts in counted))
    table = bytearray(SLOTS)
    for counts, posts in counted:
        for gram, count in counts.items():
            if count >= LEAST:
                slot = zlib.crc32(gram.encode()) % SLOTS
                table[slot] = max(table[slot], round((top + math.log(count / posts)) / STEP))
    return gzip.compress(bytes([round(top / STEP)]) + bytes(table), 9, mtime=0)


def _count(texts: Iterable[str]) -> tuple[Counter[str], int]:
    starts = [normal(text)[:LOOKED_AT] for text in texts]
    counts: Counter[str] = Counter()
    for start in starts:
        counts.update({start[i : i + 3] for i in range(len(start) - 2)})
    return counts, len(starts)


@cache
def _table() -> tuple[float, bytes]:
    data = gzip.decompress(TABLE.read_bytes())
    return data[0] * STEP, data[1:]
