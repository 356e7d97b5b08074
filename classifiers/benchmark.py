"""How fast posts are read, as ratios to jieba + scikit-learn scoring every post in the same run. Knows a clock."""

from __future__ import annotations

import gc
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from classifiers import registry, wage_arrears
from classifiers.corpus import sources, templates
from classifiers.tokenizer import reference

Post = tuple[str | None, str]
_ROUNDS = 7  # a way is as fast as in its best round: what slows a round is other people's work


def throughput(limit: int = 4000) -> dict[str, Any]:
    """Posts a processor second of each way and their ratios; one process, one thread, the best of seven rounds."""
    posts, what = _posts(limit)
    fast = wage_arrears.load(registry.SHIPPED)
    full = wage_arrears.load(registry.SHIPPED, prefilter=False)
    baseline = _baseline(posts)
    seconds = {"baseline": [], "prefilter": [], "every_post": []}  # type: dict[str, list[float]]
    for _ in range(_ROUNDS):
        for name, way in (("baseline", baseline), ("prefilter", fast.assess), ("every_post", full.assess)):
            gc.collect()  # nobody pays for what the way before left behind
            seconds[name].append(_timed(way, posts))
    best = {name: min(each) for name, each in seconds.items()}
    single = [_timed(lambda one: fast.assess_one(*one[0]), [post]) for post in posts[:1500]]
    read = [each for each, verdict in zip(posts, fast.assess(posts), strict=True) if verdict.score != fast.floor]
    told = [_timed(lambda one: fast.assess_one(*one[0]), [post]) for post in read[:300]]
    return {
        "texts": what,
        "posts": len(posts),
        "rounds": f"{_ROUNDS}, the best of each way",
        "baseline": "jieba (HMM off) + sklearn TfidfVectorizer + LogisticRegression, every post, in batches",
        "posts_per_second": {name: round(len(posts) / each) for name, each in best.items()},
        "ratio_with_prefilter": round(best["baseline"] / best["prefilter"], 2),
        "ratio_every_post": round(best["baseline"] / best["every_post"], 2),
        "median_ratios_of_the_rounds": {name: _median_ratio(seconds, name) for name in ("prefilter", "every_post")},
        "one_post_median_ms": round(1000 * statistics.median(single), 4),
        "one_post_that_is_read_median_ms": round(1000 * statistics.median(told), 4) if told else None,
        **_recall(fast),
    }


def _median_ratio(seconds: dict[str, list[float]], way: str) -> float:
    """The same ratio without choosing rounds: of each round by itself, the middle one."""
    rounds = [slow / quick for slow, quick in zip(seconds["baseline"], seconds[way], strict=True)]
    return round(statistics.median(rounds), 2)


def _posts(limit: int) -> tuple[list[Post], str]:
    """A stream at a realistic base rate: background posts where there are any, else this project's own."""
    shared = sources.shared_folder()
    if shared is None:
        own: list[Post] = [(None, each["text"]) for each in templates.posts()]
        return (own * (limit // len(own) + 1))[:limit], "own posts (near the topic)"
    raw = sources.texts(shared / "data" / "background.jsonl.gz")[:limit]
    return [(each["title"], each["text"]) for each in raw], "background posts"


def _baseline(posts: Sequence[Post]) -> Callable[[Sequence[Post]], Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    learnt = list(templates.posts())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        words = TfidfVectorizer(tokenizer=reference(), sublinear_tf=True, min_df=2)
        matrix = words.fit_transform([each["text"] for each in learnt])
    model = LogisticRegression().fit(matrix, [each["label"] == "open" for each in learnt])
    return lambda some: model.predict_proba(words.transform([f"{title or ''}\n{text}" for title, text in some]))


def _recall(model: wage_arrears.WageArrears) -> dict[str, float]:
    shared = sources.shared_folder()
    if shared is None:
        return {}
    rows = sources.texts(shared / "data" / "labelled.jsonl")
    opened = [(raw["title"], raw["text"]) for raw in rows if raw["label"] == "open"]
    read = sum(each.score != model.floor for each in model.assess(opened))
    return {"prefilter_recall_open": round(read / len(opened), 4)}


def _timed(way: Callable[[Sequence[Post]], Any], posts: Sequence[Post]) -> float:
    start = time.process_time()  # a wall clock would measure the neighbours too
    way(posts)
    return time.process_time() - start
