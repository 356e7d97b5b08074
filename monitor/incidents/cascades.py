"""Invented cascades: how reposts of one incident may run. For calibration and measurements; knows no post.

Self-exciting (Hawkes & Oakes 1974, as clusters), power-law memory (Crane & Sornette 2008), bursts by large accounts,
and bots that post by the clock. Times are hours since the first post; chance comes from the generator handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Rng = np.random.Generator
END = 96.0  # hours simulated
MOST = 40_000  # events of a cascade


@dataclass(frozen=True, slots=True)
class Seen:
    """A cascade as it was polled until `now`, and the growth that followed, for each of the asked horizons."""

    kind: str
    hours: Times  # of the observations
    counts: Times  # cumulative
    now: float
    growth: Times


def hawkes(rng: Rng) -> Times:
    """Every event brings on Poisson(n) more, after exponential or heavy-tailed delays; some arrive by themselves."""
    branching, scale = rng.uniform(0.3, 0.97), rng.lognormal(0.5, 0.9)
    heavy, tail = rng.random() < 0.5, rng.uniform(0.4, 1.5)
    arriving = rng.poisson(rng.lognormal(-0.5, 1.0) * END * 0.3)
    wave = np.concatenate([np.zeros(1 + rng.poisson(rng.lognormal(2.0, 1.0))), rng.uniform(0, END, arriving)])
    found = [wave]
    while len(wave) > 0 and sum(map(len, found)) < MOST:
        children = np.repeat(wave, rng.poisson(branching, len(wave)))
        delays = scale * (rng.pareto(tail, len(children)) if heavy else rng.exponential(1.0, len(children)))
        wave = (children + delays)[children + delays < END]
        found.append(wave)
    return np.sort(np.concatenate(found))[:MOST]


def power_law(rng: Rng) -> Times:
    """A rate that falls as (1 + t/c)^-(1+theta), over-dispersed."""
    theta, memory, size = rng.uniform(0.1, 1.6), rng.lognormal(0.5, 0.8), min(rng.lognormal(5.0, 1.4), 20_000)
    return _thinned(rng, lambda t: (1 + t / memory) ** -(1 + theta), size)


def bursts(rng: Rng) -> Times:
    """Large accounts take it up at moments nobody foresees; each brings its own wave."""
    starts = np.concatenate([[0.0], np.cumsum(rng.exponential(rng.uniform(4, 20), 20))])
    waves = [
        start + rng.exponential(rng.lognormal(0.3, 0.6), int(min(4 + rng.pareto(1.3) * rng.lognormal(2.0, 0.6), 8_000)))
        for start in starts[starts < END]
    ]
    found = np.sort(np.concatenate(waves))
    return found[found < END][:MOST]


def bots(rng: Rng) -> Times:
    """So many posts at so many minutes, until they stop; a few people besides."""
    every, each = rng.choice([0.1, 0.25, 0.5, 1.0]), 1 + rng.integers(0, 12)
    stop = min(rng.exponential(60) + 2, END)
    beats = np.repeat(np.arange(0, stop, every), each)
    people = rng.uniform(0, END, rng.poisson(rng.uniform(0, 1.0) * END))
    return np.sort(np.concatenate([np.abs(beats + rng.normal(0, every / 10, len(beats))), people]))[:MOST]


KINDS: dict[str, Callable[[Rng], Times]] = {"hawkes": hawkes, "power law": power_law, "bursts": bursts, "bots": bots}


def seen(rng: Rng, kind: str, horizons: tuple[int, ...]) -> Seen:
    """One cascade, polled at some pace for some hours."""
    while True:
        events = KINDS[kind](rng)
        every = rng.choice([1 / 6, 0.25, 0.5, 1.0, 2.0])
        first, span = rng.exponential(1.0), max(float(rng.uniform(1, 36)), 3 * every)
        regular = np.arange(first, first + span, every)
        polls = regular + rng.uniform(0, every / 4, len(regular))
        counts = np.searchsorted(events, polls).astype(float)
        if len(polls) >= 3 and counts[-1] >= 8:
            ahead = np.searchsorted(events, polls[-1] + np.array(horizons, dtype=float)).astype(float)
            return Seen(kind, polls, counts, float(polls[-1]), ahead - counts[-1])


def _thinned(rng: Rng, shape: Callable[[Times], Times], size: float) -> Times:
    """About `size` events, their rate of the given shape, in clumps."""
    grid = np.linspace(0, END, 2000)
    rate = shape(grid)
    expected = size * rate / rate.sum()
    clumps = rng.gamma(4.0, 0.25, len(grid)) if rng.random() < 0.5 else np.ones(len(grid))
    counts = rng.poisson(expected * clumps)
    return np.sort(np.repeat(grid, counts) + rng.uniform(0, grid[1], int(counts.sum())))[:MOST]
