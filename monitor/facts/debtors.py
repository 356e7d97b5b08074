"""Which of the names in a text owes. Puts organisations and brands in order; knows not how they are found.

The register of the county is the matter of register.py.
"""

from __future__ import annotations

from monitor.facts.brands import brands
from monitor.facts.parties import Named, in_full, organisations


def debtors(text: str, title_end: int) -> list[Named]:
    """Organisations that may owe, best first; empty where none is named."""
    found = organisations(text, title_end)
    for brand in brands(text, title_end):
        found.setdefault(brand.name, brand)
    ranked = sorted(found.values(), key=lambda named: (-named.weight, named.start))
    return [in_full(ranked[0], ranked), *ranked[1:]] if ranked else []
