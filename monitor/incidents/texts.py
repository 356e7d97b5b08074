"""Whether two texts are one text retold, and what of a text to look others up by. Knows normal texts and no facts.

A normal text is letters and digits only (`rarity.normal`). Passages are chosen by their digest (Manber 1994), rare
words by the shipped table of how common three characters in a row are.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from functools import lru_cache

from monitor.incidents.names import specific
from monitor.incidents.rarity import LONG, LOOKED_AT, normal, rarest, weight

SHINGLE = 3
HELD_LEAST = 10  # shingles that the shorter of two texts must have to be part of the longer
PASSAGE, SAMPLED, PASSAGES_FROM = 8, 5, 200  # characters of a passage, of which one in so many; text looked at
RARE_KEYS, SLACK = 16, 2.0  # rare trigrams that are keys, and how far below the rarest they may lie
SAME_LEAST = 12  # characters from which the same words are a copy; 还我血汗钱 is said by many
HEADING_LEAST, HEADING_MOST = 8, 80  # characters of a heading
OWN_LEAST, OWN_SLACK = 4, 1.0  # characters of what only two headings hold, and how far below the rarest they may lie
WIDTH = 4  # bytes of a character in UTF-32
DULL = re.compile(
    "拖欠|恶意|拒不|克扣|欠薪|欠发|欠款|讨薪|讨要|工资|薪资|薪水|工钱|血汗钱|绩效|奖金|款项|支付|发放|农民工|民工|员工|职工|工人|教师|老师|医生|护士|业主|群众|村民"
    "|男子|女子|老人|老板|包工头|项目部|项目|有限公司|公司|企业|单位|政府|医院|学校|小学|中学|官方|回应|通报|网友|网传|网曝|曝光|被曝|领导|如何|什么|为何|怎么"
    "|情况|问题|投诉|举报|反映|求助|请求|关于|尽快|解决|处理|长期|多年|被打|殴打|辞职|开除|停工|罢工|倒闭|破产|跑路|失联|交房"
)
PASSED_ON = re.compile("^(?:(?:求|帮忙|紧急)?(?:转发|转载|转自|扩散|转)(?:求助|求转|扩散|微博|一下)?)+")
LINE = re.compile("(?:铁路|高铁|高速|公路|地铁|轻轨|国道|省道|号线|管网|管线|电网)$")  # long works hold many debts


def shingles(text: str) -> frozenset[str]:
    """Every three characters in a row."""
    return _shingles(text) if len(text) <= LONG else _long_shingles(text)


@lru_cache(maxsize=512)  # 50 kB each and more: a batch and those it is compared with
def _shingles(text: str) -> frozenset[str]:
    return frozenset([text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)])


_long_shingles = lru_cache(maxsize=4)(_shingles.__wrapped__)  # up to 20 MB each: one and what it is compared with


def jaccard(one: str, other: str) -> float:
    """Share of common shingles, 0..1."""
    a, b = shingles(one), shingles(other)
    common = len(a & b)
    return common / (len(a) + len(b) - common) if common else 0.0


def held(one: str, other: str) -> float:
    """Share of the shorter text's shingles that stand in the longer one; 0 where the shorter says too little."""
    a, b = shingles(one), shingles(other)
    least = min(len(a), len(b))
    return len(a & b) / least if least >= HELD_LEAST else 0.0


def heading(text: str) -> str:
    """The title above a published text, normal; empty where it has none or one of a few words."""
    return _heading(text[: HEADING_MOST + 2])


@lru_cache(maxsize=8192)
def _heading(text: str) -> str:
    first, line, _ = text.partition("\n")
    head = normal(first) if line and len(first) <= HEADING_MOST else ""
    return head if len(head) >= HEADING_LEAST else ""


def own_words(one: str, other: str) -> str:
    """A name that two headings hold and hardly another post: 东湖锦禾府, found though no fact was read from it."""
    least = rarest() - OWN_SLACK
    for segment in DULL.split(one):
        for start in range(len(segment) - OWN_LEAST + 1):
            end = start + OWN_LEAST
            if segment[start:end] not in other:
                continue
            while end < len(segment) and segment[start : end + 1] in other:
                end += 1
            shared = segment[start:end]
            grams = (shared[i : i + SHINGLE] for i in range(len(shared) - SHINGLE + 1))
            if all(weight(gram) >= least for gram in grams) and specific(shared) and not LINE.search(shared):
                return shared
    return ""


# ------------------------------------------------------------------ keys
def text_key(text: str) -> str:
    """The digest of a whole normal text, without a call to pass it on; empty where it is too short to be a copy."""
    text = PASSED_ON.sub("", text)
    return hashlib.sha256(text.encode()).hexdigest()[:24] if len(text) >= SAME_LEAST else ""


def passages(text: str) -> list[int]:
    """Fingerprints of passages: one in `SAMPLED` of all, the same ones in every text, and the least of them all."""
    data = text[:PASSAGES_FROM].encode("utf-32-le")
    span = PASSAGE * WIDTH
    hashes = list(map(zlib.crc32, [data[at : at + span] for at in range(0, len(data) - span + 1, WIDTH)]))
    if not hashes:
        return []
    return list(dict.fromkeys([min(hashes), *[one for one in hashes if one % SAMPLED == 0]]))


def rare_words(text: str) -> list[int]:
    """Digests of trigrams that few posts hold, the least of them: two texts that share such words choose the same."""
    return sorted(filter(None, map(_RANKS.__getitem__, shingles(text[:LOOKED_AT]))))[:RARE_KEYS]


class _Ranks(dict[str, int]):
    """Of a rare trigram the digest, 0 of another. Forgets all when full; looked up faster than `lru_cache`."""

    MOST = 1 << 16

    def __missing__(self, gram: str) -> int:
        if len(self) >= self.MOST:
            self.clear()
        self[gram] = rank = zlib.crc32(gram.encode(), 7) if weight(gram) >= rarest() - SLACK else 0
        return rank


_RANKS = _Ranks()
