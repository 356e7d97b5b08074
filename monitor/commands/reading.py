"""`xinshao classify` and `xinshao model`: posts in, verdicts out. Knows the classifier's face, no model from inside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands import stream
from monitor.commands.opening import configured, existing_store, has_store
from monitor.commands.saying import tell

if TYPE_CHECKING:
    from classifiers.registry import Classifier
    from classifiers.verdict import Assessment


SHOWN = ("f1_open", "f1_open_clear", "precision_at_recall_95", "calibration_error", "alert_precision")


def register(app: typer.Typer) -> None:
    """Adds the commands of the classifier."""
    app.command("classify")(classify)
    models = typer.Typer(help="models with their cards and gates", no_args_is_help=True)
    for name, command in (
        ("list", model_list),
        ("train", model_train),
        ("evaluate", model_evaluate),
        ("promote", model_promote),
        ("rollback", model_rollback),
        ("shadow", model_shadow),
    ):
        models.command(name)(command)
    app.add_typer(models, name="model")


def classify(
    file: Annotated[str | None, typer.Argument(help="JSON lines, one post a line; none or -: stdin")] = None,
) -> None:
    """Says of every post whether it tells of unpaid wages, how sure, and because of which words.

    Example: echo '{"id": "1", "text": "干了三个月工资一分没发"}' | xinshao classify
    """
    stream.readable(file)
    model = used_model()
    raise typer.Exit(stream.run_batches(file, lambda rows: answers(model, rows), batch=256))


def home() -> Path:
    """The folder of all state: XINSHAO_HOME, or var/ of the working directory."""
    return configured("home") or Path("var")


def used_model() -> Classifier:
    """The active model; exit status 1 where it cannot be loaded."""
    from classifiers.registry import active

    try:
        return active(home())
    except ValueError as problem:
        raise fault(str(problem)) from problem


def answers(model: Classifier, rows: list[stream.Row]) -> list[stream.Row]:
    """One output line a post, in order; ValueError for a row that is no post."""
    posts = [stream.post_from(row) for row in rows]
    found = model.assess([(post.title, post.text) for post in posts])
    return [line(post.id, assessment) for post, assessment in zip(posts, found, strict=True)]


def line(post_id: str, assessment: Assessment) -> dict[str, Any]:
    """A verdict as the line of the filter, whose keys other commands and other programs rely on."""
    return {
        "id": post_id,
        "flag": assessment.flag.value,
        "score": round(assessment.score, 4),
        "kind": assessment.kind.value,
        "life_risk": assessment.life_risk,
        "perhaps_life_risk": assessment.perhaps_life_risk,
        "reasons": [
            {"text": reason.text, "start": reason.start, "end": reason.end, "weight": round(reason.weight, 4)}
            for reason in assessment.reasons
        ],
        "model": assessment.model,
    }


# ------------------------------------------------------------------ models
def model_list() -> None:
    """Every model with its figures; * marks the active one, + the one in shadow.

    Example: xinshao model list
    """
    from classifiers.registry import models

    for each in models(home()):
        mark = "*" if each["active"] else "+" if each["shadow"] else " "
        figures = each["figures"] or {}
        told = "  ".join(f"{name} {figures[name]:.3f}" for name in SHOWN if name in figures)
        typer.echo(f"{mark} {each['version']}{' (shipped)' if each['shipped'] else ''}  {told}")


@contextmanager
def decided(file: Path | None) -> Iterator[Path | None]:
    """The reviewers' decisions as lines of a file: that one, or those in the database here; None where there is none.

    They are masked, in a folder that only this account can read, and gone again when the model has learnt.
    """
    if file is not None or not has_store():
        yield file
        return
    from monitor.store.decided import decisions

    with existing_store() as store, store.read() as c:
        rows = decisions(c)
    with TemporaryDirectory(prefix="xinshao-") as folder:
        lines = Path(folder) / "decisions.jsonl"
        lines.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        yield lines if rows else None


def model_train(
    decisions: Annotated[
        Path | None, typer.Option(help="reviewers' decisions: {title, text, label} a line; none: those recorded here")
    ] = None,
    shared: Annotated[Path | None, typer.Option(help="labelled third-party posts; none: the shipped base")] = None,
    seed: Annotated[int, typer.Option(help="of the folds")] = 0,
) -> None:
    """Trains on the shipped base, this project's own posts and the reviewers' decisions; promotes nothing.

    Example: xinshao model train
    """
    from classifiers import build, train

    try:
        with decided(decisions) as lines:
            corpus = train.gather(shared, lines)
    except (OSError, ValueError) as problem:
        raise fault(str(problem)) from problem
    manifest, arrays = build.build(corpus, seed)
    folder = home() / "models" / manifest["version"]
    build.save(folder, manifest, arrays)
    typer.echo(f"{manifest['version']} from {sum(manifest['rows'].values())} rows in {folder}", err=True)
    typer.echo(json.dumps({"version": manifest["version"], "rows": manifest["rows"], **manifest["figures"]}))


def model_evaluate(
    decisions: Annotated[
        Path | None, typer.Option(help="reviewers' decisions to learn from as well; none: those recorded here")
    ] = None,
    shared: Annotated[Path | None, typer.Option(help="labelled third-party posts; none: the shipped base")] = None,
    seed: Annotated[int, typer.Option(help="of the folds")] = 0,
    ablations: Annotated[bool, typer.Option("--ablations", help="baselines and the model without each part")] = False,
) -> None:
    """Prints the card: grouped cross-validation by platform, length, sector and small groups; calibration; bands.

    Example: xinshao model evaluate --ablations
    """
    from classifiers import card, train

    try:
        with decided(decisions) as lines:
            corpus = train.gather(shared, lines)
    except (OSError, ValueError) as problem:
        raise fault(str(problem)) from problem
    for part in card.parts(corpus, seed, ablations=ablations):
        typer.echo(part + "\n")


def model_promote(
    version: Annotated[str, typer.Argument(help="as `model list` prints it, or `shipped`")],
    allow_regression: Annotated[str, typer.Option(help="why a model below the floors is wanted all the same")] = "",
    shadow: Annotated[bool, typer.Option("--shadow", help="run it beside the active model, deciding nothing")] = False,
) -> None:
    """Makes a model the active one; refuses one below the pinned floors without a reason.

    Example: xinshao model promote grammar-0123456789
    """
    from classifiers.registry import BelowFloor, promote

    try:
        now = promote(home(), version, at=datetime.now(UTC), reason=allow_regression, beside=shadow)
    except (BelowFloor, LookupError) as problem:
        raise fault(str(problem).strip("'\"")) from problem
    typer.echo(f"{'in shadow' if shadow else 'active'}: {now}")


def model_shadow(
    file: Annotated[str | None, typer.Argument(help="posts, one JSON object a line; none or -: stdin")] = None,
) -> None:
    """Where the model in shadow would decide otherwise than the active one: a line a post, totals on stderr.

    Example: xinshao model shadow posts.jsonl
    """
    from classifiers.registry import shadow

    challenger, used, flags = shadow(home()), used_model(), dict[str, int]()
    if challenger is None:
        raise fault("no model runs in shadow; see: xinshao model promote VERSION --shadow")

    def answer(row: stream.Row) -> stream.Row:
        post = stream.post_from(row)
        mine, other = (model.assess_one(post.title, post.text) for model in (used, challenger))
        change = f"{mine.flag} -> {other.flag}"
        flags[change] = flags.get(change, 0) + 1
        told = {name: {"flag": each.flag.value, "score": round(each.score, 4), "kind": each.kind.value}
                for name, each in (("active", mine), ("shadow", other))}  # fmt: skip
        return {"id": post.id, "differs": mine.flag is not other.flag, **told}

    status = stream.run_filter(file, answer)
    typer.echo(json.dumps({"active": used.version, "shadow": challenger.version, "flags": flags}), err=True)
    raise typer.Exit(status)


def model_rollback(reason: Annotated[str, typer.Option(help="kept in the history")] = "rollback") -> None:
    """Goes back to the model that was active before the last change.

    Example: xinshao model rollback --reason "too many alerts since Monday"
    """
    from classifiers.registry import rollback

    try:
        now = rollback(home(), at=datetime.now(UTC), reason=reason)
    except LookupError as problem:
        raise fault(str(problem).strip("'\"")) from problem
    typer.echo(f"active: {now}")


def fault(sentence: str) -> typer.Exit:
    """Says what failed in one sentence; exit status 1."""
    tell(sentence)
    return typer.Exit(1)
