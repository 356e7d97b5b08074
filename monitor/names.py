"""What the model's values are called in Chinese, and how money is written: the same on every face of the house.

Knows names.yaml only. A room's own catalogue holds what only that room says.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

WAN, YI = 10_000, 100_000_000


@cache
def names() -> Mapping[str, Any]:
    """names.yaml, read once: levels, verification, states, acts by their values."""
    loaded: Mapping[str, Any] = yaml.safe_load((files("monitor") / "names.yaml").read_text(encoding="utf-8"))
    return loaded


def name(group: str, key: str) -> str:
    """`name("levels", "red")` -> 红; the key itself where nobody has named it."""
    return str(names()[group].get(key, key))


def money(yuan: float, gap: str = "") -> str:
    """326000 -> 32.6万元, 3200 -> 3,200元, 1266640200 -> 12.67亿元; two places at most.

    `gap` stands between figure and unit: none in papers, a space on screens and in mails.
    """
    unit = names()["money"]
    if yuan >= YI:
        return f"{yuan / YI:,.2f}{gap}{unit['yi']}"
    if yuan >= WAN:
        return f"{yuan / WAN:,.2f}".rstrip("0").rstrip(".") + f"{gap}{unit['wan']}"
    return f"{yuan:,.2f}".rstrip("0").rstrip(".") + f"{gap}{unit['yuan']}"
