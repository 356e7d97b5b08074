"""A reason in words the person on duty understands. Knows reasons.yaml; decides nothing."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from monitor.collect.answer import Why


@cache
def _sentences() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(
        files("monitor.collect").joinpath("reasons.yaml").read_text("utf-8")
    )
    return loaded


def explain(reason: str) -> str:
    """`timeout: not done within 20 s` -> what it means, in Chinese. An unknown class is returned as it is."""
    row = _sentences().get(reason.partition(":")[0])
    return row["says"] if row else reason


def remedy(reason: str) -> str:
    """What helps against it; empty where nothing needs to be done."""
    row = _sentences().get(reason.partition(":")[0])
    return row["helps"] if row else ""


def why(reason: str | None) -> Why | None:
    """The class of a stored reason; None for none or one that an older version wrote."""
    try:
        return Why((reason or "").partition(":")[0])
    except ValueError:
        return None
