"""要素: what a post states of a debt - how much, how many, how long, who owes, which site, where, which trade.

`read(post, county)` and `mask.mask(text)` are its two questions. Pure: no clock, no network, no store.
"""

from monitor.facts.reading import read

__all__ = ["read"]
