"""Learns the weights of lexicon/harm_weights.json, which hear danger told in words no rule of harm.yaml names.

Run by hand when sentences are added: `python -m classifiers.life_risk_training ../shared/data tests/data/classifiers`.
Knows where the sentences lie and how many alarms the background may cost; the product never imports it. From the
weights (classes of words, and characters and pairs that occur three times or more) no text can be rebuilt. The half
that was never read while mending (life_risk_held.yaml), the last set (life_risk_last.yaml), the blind hands
(life_risk_voices_held.yaml) and the sealed voices (life_risk_voices_sealed.yaml) are not learnt from. Prints what is
heard of each voice when it alone is not learnt from.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

import yaml

from classifiers import life_risk
from classifiers.normalize import normalize
from classifiers.registry import active
from classifiers.verdict import full_text

VOICES = ("life_risk_voices.yaml", "life_risk_voices_more.yaml", "life_risk_voices_third.yaml")
LEARNT = ("life_risk.yaml", "life_risk_mend.yaml", "life_risk_later.yaml", *VOICES)
ALARMS = 40  # posts of the background that may be flagged out of fold: by a rule beside a debt, or by what they weigh
PERHAPS = 70  # the same with those that perhaps tell of danger and are read first
WEIGHT, STRENGTH, RARE, SMALL = 6.0, 0.5, 3, 0.03  # of a danger, of the fit; a pair seen less, a weight less is dropped
REAL = 0.01  # score from which a post of the background that a rule flags may be true: it teaches nothing
HARM = {"self_harm", "violence"}  # a labelled post of these teaches nothing: which of its words tell it nobody noted

Told = tuple[str, bool, bool]  # a stretch of text; whether a rule stands in its post; whether that names pay or work


@dataclass(frozen=True, slots=True)
class Post:
    """A text by what is weighed of it. `half`: of the background, which is judged by what the other half taught."""

    voice: str
    danger: bool
    told: list[Told]
    teaches: bool = True
    half: int = -1


def main(shared: Path, sentences: Path) -> None:
    """Writes the weights and the threshold beside the other lists."""
    posts = [*_own(sentences), *_labelled(shared / "labelled.jsonl"), *_background(shared / "background.jsonl.gz")]
    table = Table(posts)
    weights = table.fit(lambda _: True)
    halves = [table.fit(lambda post, half=half: post.half != half) for half in (0, 1)]  # type: ignore[misc]
    margins = sorted(_margin(post, halves[post.half]) for post in posts if post.voice == "background" and post.told)
    weights.threshold, weights.perhaps = round(margins[-ALARMS], 3), round(margins[-PERHAPS] - margins[-ALARMS], 3)
    target = Path(__file__).parent / "lexicon" / "harm_weights.json"
    told = {"bias": weights.bias, "threshold": weights.threshold, "perhaps": weights.perhaps}
    text = json.dumps({**told, "grams": dict(sorted(weights.grams.items()))}, ensure_ascii=False, separators=(",", ":"))
    target.write_text(text + "\n", encoding="utf-8")
    print(f"{sum(post.danger for post in posts)} dangers, {len(weights.grams)} weights, threshold {weights.threshold}")
    _leave_voices_out(table, weights.threshold)


class Table:
    """Every stretch of every post that teaches, as one row of what is weighed of it."""

    def __init__(self, posts: Sequence[Post]) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self.posts = posts
        self.taught = [(post, told[0]) for post in posts if post.teaches for told in post.told]
        self.words = CountVectorizer(analyzer=life_risk.features, binary=True, min_df=RARE)
        self.rows = self.words.fit_transform([text for _, text in self.taught]).astype("float32")

    def fit(self, wanted: Callable[[Post], bool]) -> life_risk.Weights:
        """What the posts that are wanted teach; the threshold is still to be found."""
        from sklearn.linear_model import LogisticRegression

        chosen = [at for at, (post, _) in enumerate(self.taught) if wanted(post)]
        danger = [self.taught[at][0].danger for at in chosen]
        model = LogisticRegression(C=STRENGTH, max_iter=200, solver="liblinear", random_state=0, tol=1e-3)
        model.fit(self.rows[chosen], danger, sample_weight=[WEIGHT if each else 1.0 for each in danger])
        learnt = model.coef_[0]
        found = {gram: round(float(learnt[at]), 3) for gram, at in self.words.vocabulary_.items()}
        kept = {gram: weight for gram, weight in found.items() if abs(weight) >= SMALL}
        return life_risk.Weights(kept, round(float(model.intercept_[0]), 3), 0.0)


def _margin(post: Post, weights: life_risk.Weights) -> float:
    """The highest threshold at which a post is flagged."""
    free = replace(weights, threshold=0.0)
    return max(
        (
            inf if ruled else life_risk.weigh(text, weights) - free.enough(named=named)
            for text, ruled, named in post.told
        ),
        default=-inf,
    )


def _leave_voices_out(table: Table, threshold: float) -> None:
    """Prints how much of each voice is heard by weights that learnt all but this voice."""
    totals = {"risk": [0, 0], "calm": [0, 0]}
    voices = dict.fromkeys(post.voice for post in table.posts if post.voice.startswith(VOICES))
    for voice in voices:
        weights = table.fit(lambda post, voice=voice: post.voice != voice)  # type: ignore[misc]
        line = voice.partition(" ")[2]
        for part, total in totals.items():
            margins = [
                _margin(post, weights)
                for post in table.posts
                if post.voice == voice and post.danger is (part == "risk")
            ]
            heard = sum(margin >= threshold for margin in margins)
            line += f"; {part} {heard}/{len(margins)}"
            total[0], total[1] = total[0] + heard, total[1] + len(margins)
        print(line)
    print("each voice left out once:", totals)


def _own(folder: Path) -> list[Post]:
    """Our own sentences; a voice is named by its file and its list."""
    posts: list[Post] = []
    for name in LEARNT:
        written = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        for part in ("risk", "calm"):
            for style, lines in written[part].items():
                for line in lines:
                    texts = [line.format(d=debt) for debt in written["debts"]] if "{d}" in line else [line]
                    posts += [_post(f"{name} {style}", text, danger=part == "risk") for text in texts]
    for path in sorted((Path(__file__).parent / "corpus").glob("own_*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            posts.append(_post("corpus", full_text(row.get("title"), row["text"]), danger=bool(row.get("life_risk"))))
    return posts


def _labelled(path: Path) -> list[Post]:
    """Real posts that tell of nobody harmed, but for those where a rule stands."""
    posts = []
    for row in _rows(path):
        facts = row.get("facts") or {}
        harm = not HARM.isdisjoint([*(facts.get("risk") or ()), *(facts.get("risk_any") or ())])
        post = _post("labelled", full_text(row.get("title"), row["text"]))
        posts.append(replace(post, teaches=not (harm or _ruled(post))))
    return posts


def _background(path: Path) -> list[Post]:
    """Posts nobody labelled: calm, unless a rule and the score of wages say that one may be true."""
    texts = [full_text(row.get("title"), row["text"]) for row in _rows(path)]
    scores = [each.score for each in active().assess([(None, text) for text in texts])]
    posts = [_post("background", text) for text in texts]
    return [
        replace(post, half=at % 2, teaches=score < REAL or not _ruled(post))
        for at, (post, score) in enumerate(zip(posts, scores, strict=True))
    ]


def _ruled(post: Post) -> bool:
    return any(ruled for _, ruled, _ in post.told)


def _rows(path: Path) -> list[dict[str, Any]]:
    packed = path.read_bytes()
    lines = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def _post(voice: str, text: str, *, danger: bool = False) -> Post:
    normal = normalize(text).text
    ruled, named = bool(life_risk.by_rules(normal)), life_risk.named(normal)
    return Post(voice, danger, [(normal[start:end], ruled, named) for start, end in life_risk.windows(normal)])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
