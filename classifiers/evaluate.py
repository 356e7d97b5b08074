"""Measures a way of training on the labelled rows: the card. Knows rows, folds and figures; prints nothing.

Every score comes from a model that saw no row of the same group. The threshold of F1 is the best one on those scores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from classifiers import kinds, measures, train
from classifiers.calibration import Bands, Calibration
from classifiers.corpus import Row, sources
from classifiers.features import FAMILIES, SENTENCE
from classifiers.linear import Floats
from classifiers.obfuscate import obfuscate
from classifiers.verdict import Flag

_SITES = {"teddy": "message board", "weibo": "weibo", "zhihu": "zhihu", "cail": "court", "gov": "government report"}


@dataclass(frozen=True, slots=True)
class Judged:
    """Labelled rows with what models that had not seen them said; `background`: likewise of background posts."""

    rows: tuple[Row, ...]
    scores: tuple[float, ...]
    kinds: tuple[str, ...]
    background: tuple[float, ...]
    background_total: int
    calibration: Calibration
    bands: Bands
    mix: Floats | None = None

    @property
    def truth(self) -> list[bool]:
        return [row.open for row in self.rows]

    def where(self, keep: Callable[[Row], bool]) -> Judged:
        """The same for a part of the rows."""
        at = [number for number, row in enumerate(self.rows) if keep(row)]
        return replace(
            self,
            rows=tuple(self.rows[number] for number in at),
            scores=tuple(self.scores[number] for number in at),
            kinds=tuple(self.kinds[number] for number in at),
        )


def cross_validate(corpus: train.Corpus, seed: int = 0) -> Judged:
    """Grouped five-fold cross-validation, then calibration and bands on its scores."""
    rows = corpus.rows
    tested = [row.origin in ("labelled", "read", "background") for row in rows]
    return judged(corpus, train.out_of_fold(rows, train.assign_folds(rows, seed), tested))


def judged(corpus: train.Corpus, logits: Sequence[Sequence[float]]) -> Judged:
    """The same from logits already computed (a row without any was not tested).

    The mix of the kinds and the numbers of `settled` are learnt from rows of other groups than the one judged by them.
    """
    pairs = [(row, each) for row, each in zip(corpus.rows, logits, strict=True) if each]
    told = [(row, each) for row, each in pairs if row.origin in ("labelled", "read")]
    taught = [row for row, _ in told], [each for _, each in told]
    mine = [
        (row, *each) for row, each in zip(taught[0], kinds.unseen(*taught), strict=True) if row.origin == "labelled"
    ]
    rows = [row for row, _, _ in mine]
    calibration = train.calibrate(rows, [each for _, each, _ in mine])
    verdicts = [replace(calibration, **numbers).verdict(each) for _, each, numbers in mine]
    scores, said = [score for score, _ in verdicts], [each for _, each in verdicts]
    mix, calibration = kinds.mix(*taught), replace(calibration, **kinds.settled(*taught))
    others = kinds.mingled(mix, [each for row, each in pairs if row.origin == "background"])
    crowd = tuple(calibration.verdict(each)[0] for each in others)
    return Judged(
        rows=tuple(rows),
        scores=tuple(scores),
        kinds=tuple(max(each, key=lambda kind: each[kind]).value for each in said),
        background=crowd,
        background_total=corpus.background,
        calibration=calibration,
        bands=train.choose_bands([row.open for row in rows], scores, crowd, corpus.background),
        mix=mix,
    )


def figures(found: Judged) -> dict[str, float]:
    """The figures the floors are pinned on."""
    truth, scores, bands = found.truth, found.scores, found.bands
    threshold = measures.best_threshold(truth, scores)
    clear = found.where(lambda row: not row.borderline)
    alerts = measures.confusion(truth, [score >= bands.alert for score in scores])
    seen = measures.confusion(truth, [score >= bands.review for score in scores])
    flags = [bands.flag(score) for score in found.background]
    per_post = 1.0 / max(found.background_total, 1)
    return {
        "f1_open": measures.confusion(truth, [score >= threshold for score in scores]).f1,
        "f1_open_clear": measures.confusion(clear.truth, [score >= threshold for score in clear.scores]).f1,
        "precision_at_recall_95": measures.precision_at(truth, scores, 0.95),
        "macro_f1_kinds": measures.macro_f1([row.label.value for row in found.rows], found.kinds),
        "calibration_error": measures.calibration_error(truth, scores),
        "alert_precision": alerts.precision,
        "alert_recall": alerts.recall,
        "recall_alert_and_review": seen.recall,
        "precision_alert_and_review": seen.precision,
        "background_alerts_per_10k": 10_000 * per_post * sum(flag is Flag.ALERT for flag in flags),
        "background_review_share": per_post * sum(flag is Flag.REVIEW for flag in flags),
        "threshold": threshold,
    }


def by_part(found: Judged) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 with 95 % intervals, by platform, length, sector and small groups."""
    threshold = measures.best_threshold(found.truth, found.scores)
    parts: dict[str, Judged] = {"all": found}
    for name, key in (
        ("platform", _site),
        ("length", _fact("length")),
        ("sector", _fact("sector")),
        ("group", _fact("workers")),
    ):
        for value in sorted({key(row) for row in found.rows} - {""}):
            parts[f"{name} {value}"] = found.where(lambda row, key=key, value=value: key(row) == value)  # type: ignore[misc]
    return {name: _part(part, threshold) for name, part in parts.items()}


def reliability(found: Judged, bins: int = 10) -> list[tuple[float, float, int]]:
    """Mean score, share open and number of rows in each tenth of the score."""
    out = []
    for at in range(bins):
        mine = [
            (s, t)
            for s, t in zip(found.scores, found.truth, strict=True)
            if at / bins <= s < (at + 1) / bins + (at == 9)
        ]
        if mine:
            out.append((sum(s for s, _ in mine) / len(mine), sum(t for _, t in mine) / len(mine), len(mine)))
    return out


def leave_one_platform_out(corpus: train.Corpus) -> dict[str, float]:
    """F1 on each platform by a model that saw none of it, at one threshold for all; `all`: their rows together."""
    rows = corpus.rows
    sites = sorted({_site(row) for row in rows if row.origin == "labelled"})
    folds = [-1 if row.origin in ("own", "decision") else sites.index(_site(row)) for row in rows]
    found = judged(corpus, train.out_of_fold(rows, folds, [row.origin == "labelled" for row in rows]))
    threshold = measures.best_threshold(found.truth, found.scores)
    parts = {site: found.where(lambda row, site=site: _site(row) == site) for site in sites}  # type: ignore[misc]
    return {name: _part(part, threshold, draws=0)["f1"] for name, part in {"all": found, **parts}.items()}


def disguised(corpus: train.Corpus, texts: Mapping[str, tuple[str | None, str]], seed: int = 0) -> dict[str, float]:
    """F1 on the labelled posts as written and disguised by the five tricks; models learnt from the plain ones.

    `texts`: title and text by row id (the base has none).
    """
    rows = [row for row in corpus.rows if row.origin != "labelled" or row.id in texts]
    shown = [_in_disguise(row, *texts[row.id]) if row.origin == "labelled" else row for row in rows]
    folds, tested = train.assign_folds(rows, seed), [row.origin == "labelled" for row in rows]
    truth = [row.open for row in rows if row.origin == "labelled"]
    plain = [each[0] for each in train.out_of_fold(rows, folds, tested) if each]
    other = [each[0] for each in train.out_of_fold(rows, folds, tested, shown) if each]
    threshold = measures.best_threshold(truth, plain)
    f1 = [measures.confusion(truth, [score >= threshold for score in each]).f1 for each in (plain, other)]
    return {"f1_plain": f1[0], "f1_disguised": f1[1], "fall": f1[0] - f1[1]}


def _in_disguise(row: Row, title: str | None, text: str) -> Row:
    number = int(hashlib.sha256(row.id.encode()).hexdigest()[:8], 16)
    hidden = sources.counted(obfuscate(title, number) if title else title, obfuscate(text, number + 1))
    return replace(row, **hidden)


def compare(corpus: train.Corpus, seed: int = 0) -> dict[str, dict[str, float]]:
    """In the same folds: the regular expression, words with logistic regression, and the model without each part."""
    labelled = [row for row in corpus.rows if row.origin == "labelled"]
    table = {"regular expression": _of_keywords(labelled)}
    trials: dict[str, Iterable[Row]] = {
        "TF-IDF words + logistic regression": _without(labelled, SENTENCE),
        "words and sentences, labelled rows only": labelled,
        "+ labels by reading": corpus.of("labelled", "read"),
        "+ background": corpus.of("labelled", "read", "background"),
        "+ own posts (the model)": corpus.rows,
        **{f"the model without {family}": _without(corpus.rows, (family,)) for family in FAMILIES},
        "the model without codes": [replace(row, lack="", hinge=-1) for row in corpus.rows],
    }
    for name, rows in trials.items():
        table[name] = figures(cross_validate(replace(corpus, rows=tuple(rows)), seed))
    return table


def _of_keywords(rows: Sequence[Row]) -> dict[str, float]:
    truth, said = [row.open for row in rows], [row.facts.get("keywords") == "1" for row in rows]
    clear = [at for at, row in enumerate(rows) if not row.borderline]
    return {
        "f1_open": measures.confusion(truth, said).f1,
        "f1_open_clear": measures.confusion([truth[at] for at in clear], [said[at] for at in clear]).f1,
    }


def _without(rows: Iterable[Row], families: Collection[str]) -> list[Row]:
    """The rows as if these families had never been counted."""
    kept = [family not in families for family in SENTENCE]
    return [
        replace(
            row,
            words=() if "words" in families else row.words,
            sentences=tuple(
                tuple(part if keep else () for part, keep in zip(sentence, kept, strict=True))
                for sentence in row.sentences
                if any(kept)
            ),
        )
        for row in rows
    ]


def _part(found: Judged, threshold: float, draws: int = 200) -> dict[str, float]:
    truth, said = found.truth, [score >= threshold for score in found.scores]
    count = measures.confusion(truth, said)
    part = {
        "rows": len(truth),
        "open": sum(truth),
        "precision": count.precision,
        "recall": count.recall,
        "f1": count.f1,
    }
    if draws:
        low, high = measures.interval(
            lambda at: measures.confusion([truth[n] for n in at], [said[n] for n in at]).f1, len(truth), draws=draws
        )
        part |= {"f1_low": low, "f1_high": high}
    return part


def _site(row: Row) -> str:
    return next((name for start, name in _SITES.items() if row.platform.startswith(start)), row.platform)


def _fact(name: str) -> Callable[[Row], str]:
    def read(row: Row) -> str:
        facts: Mapping[str, str] = row.facts
        return facts.get(name, "")

    return read


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """A plain table, columns in the order of the first full row."""
    columns = max((list(row) for row in rows.values()), key=len)
    width = max(map(len, rows))
    lines = [" " * width + "  " + "  ".join(f"{column[:24]:>10}" for column in columns)]
    for name, row in rows.items():
        cells = (f"{row[c]:.4f}" if isinstance(row.get(c), float) else str(row.get(c, "")) for c in columns)
        lines.append(
            f"{name:<{width}}  "
            + "  ".join(f"{cell:>{max(10, len(c[:24]))}}" for cell, c in zip(cells, columns, strict=True))
        )
    return "\n".join(lines)
