"""The card as text: what `xinshao model evaluate` prints. Knows how figures are shown, not how they come about."""

from __future__ import annotations

from collections.abc import Iterator

from classifiers import evaluate, train


def parts(corpus: train.Corpus, seed: int = 0, *, ablations: bool = False) -> Iterator[str]:
    """Section by section, as each is measured."""
    origins = sorted({row.origin for row in corpus.rows})
    yield "rows: " + ", ".join(f"{origin} {len(corpus.of(origin))}" for origin in origins)
    found = evaluate.cross_validate(corpus, seed)
    told = evaluate.figures(found)
    yield "grouped 5-fold cross-validation\n" + "\n".join(f"  {name:<28} {value:.4f}" for name, value in told.items())
    yield "bands (alert, review): " + f"{found.bands.alert:.4f}, {found.bands.review:.4f}\n" + _costs(found)
    yield "by part, at the threshold of best F1\n" + evaluate.table(evaluate.by_part(found))
    yield "calibration (mean score, share open, rows)\n" + "\n".join(
        f"  {mean:.3f}  {share:.3f}  {rows}" for mean, share, rows in evaluate.reliability(found)
    )
    alone = evaluate.leave_one_platform_out(corpus)
    yield "leave one platform out, F1\n" + "\n".join(f"  {name:<20} {f1:.4f}" for name, f1 in alone.items())
    if ablations:
        yield "in the same folds\n" + evaluate.table(_short(evaluate.compare(corpus, seed)))


def _costs(found: evaluate.Judged) -> str:
    """What the bands cost on 10,000 posts of the background."""
    told = evaluate.figures(found)
    review = 10_000 * told["background_review_share"]
    return (
        f"of 10,000 background posts {told['background_alerts_per_10k']:.1f} alert and {review:.1f} go to a person; "
        f"of the open cases {told['alert_recall']:.1%} alert, {told['recall_alert_and_review']:.1%} alert or review"
    )


def _short(table: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    shown = ("f1_open", "f1_open_clear", "precision_at_recall_95", "macro_f1_kinds", "calibration_error")
    return {name: {key: row[key] for key in shown if key in row} for name, row in table.items()}
