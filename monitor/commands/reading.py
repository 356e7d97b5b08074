"""`xinshao classify` and `xinshao model`: posts in, verdicts out. Knows the classifier's face, no model from inside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands import stream

if TYPE_CHECKING:
    from classifiers.registry import Classifier
    from classifiers.verdict import Assessment


def register(app: typer.Typer) -> None:
    """Adds the commands of the classifier."""
    app.command("classify")(classify)


def classify(
    file: Annotated[str | None, typer.Argument(help="JSON lines, one post a line; none or -: stdin")] = None,
) -> None:
    """Says of every post whether it tells of unpaid wages, how sure, and because of which words.

    Example: echo '{"id": "1", "text": "干了三个月工资一分没发"}' | xinshao classify
    """
    from classifiers.registry import active

    model = active(home())
    raise typer.Exit(stream.run_batches(file, lambda rows: answers(model, rows), batch=256))


def home() -> Path:
    """The folder of all state: XINSHAO_HOME, or var/ of the working directory."""
    return Path(os.environ.get("XINSHAO_HOME") or "var")


def answers(model: Classifier, rows: list[stream.Row]) -> list[stream.Row]:
    """One output line a post, in order; ValueError for a row that is no post."""
    posts = [stream.post_from(row) for row in rows]
    found = model.assess([(post.title, post.text) for post in posts])
    return [line(post.id, assessment) for post, assessment in zip(posts, found, strict=True)]


def line(post_id: str, assessment: Assessment) -> dict[str, Any]:
    """The contract of COMMANDS.md."""
    return {
        "id": post_id,
        "flag": assessment.flag.value,
        "score": round(assessment.score, 4),
        "kind": assessment.kind.value,
        "life_risk": assessment.life_risk,
        "reasons": [
            {"text": reason.text, "start": reason.start, "end": reason.end, "weight": round(reason.weight, 4)}
            for reason in assessment.reasons
        ],
        "model": assessment.model,
    }
