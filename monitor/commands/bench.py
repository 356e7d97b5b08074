"""`xinshao bench [NAME]`: benchmarks as ratios against a named baseline of the same run. Knows their names only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer


def _classify() -> dict[str, Any]:
    from classifiers.benchmark import throughput

    return throughput()


def _collect() -> dict[str, Any]:
    from monitor.commands.bench_collect import collect

    return collect()


def _digest() -> dict[str, Any]:
    from monitor.commands.bench_digest import digest

    return digest()


def _place() -> dict[str, Any]:
    from monitor.incidents.benchmark import throughput

    return throughput()


def _route() -> dict[str, Any]:
    from monitor.routing.benchmark import throughput

    return throughput()


def _storm() -> dict[str, Any]:
    from monitor.commands.bench_storm import storm

    return storm()


BENCHMARKS: dict[str, Callable[[], dict[str, Any]]] = {  # a new one: a function and a line here
    "classify": _classify,
    "collect": _collect,
    "digest": _digest,
    "place": _place,
    "route": _route,
    "storm": _storm,
}


def register(app: typer.Typer) -> None:
    """Adds `bench`."""
    app.command("bench")(bench)


def bench(name: Annotated[str | None, typer.Argument(help="one of: " + ", ".join(BENCHMARKS))] = None) -> None:
    """Measures speed, as ratios to the named baseline of the same run; prints JSON.

    Example: xinshao bench classify
    """
    import json

    if name is not None and name not in BENCHMARKS:
        raise typer.BadParameter(f"unknown benchmark {name!r}; known: {', '.join(BENCHMARKS)}")
    for each in [name] if name else list(BENCHMARKS):
        typer.echo(json.dumps({"benchmark": each, **BENCHMARKS[each]()}, ensure_ascii=False, indent=2))
