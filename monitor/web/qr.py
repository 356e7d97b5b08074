"""A QR code as dark squares: ISO/IEC 18004, byte mode, level M, versions 1 to 10. Knows bytes, not what they say.

Written here because a key that is drawn must not leave the machine, and the pages ask for nothing from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

Grid = list[list[bool]]
# Level M of versions 1 to 10: (check bytes a block, blocks of the shorter kind, their data bytes, blocks one longer)
_BLOCKS = (
    (10, 1, 16, 0), (16, 1, 28, 0), (26, 1, 44, 0), (18, 2, 32, 0), (24, 2, 43, 0),
    (16, 4, 27, 0), (18, 4, 31, 0), (22, 2, 38, 2), (22, 3, 36, 2), (26, 4, 43, 1),
)  # fmt: skip
_ALIGNED = ((), (6, 18), (6, 22), (6, 26), (6, 30), (6, 34), (6, 22, 38), (6, 24, 42), (6, 26, 46), (6, 28, 50))
_FORMAT_MASK = 0x5412


def squares(text: str) -> Grid:
    """The rows of the code, True where it is dark, without the quiet zone. ValueError: longer than 213 bytes."""
    data = text.encode()
    version = next((v for v in range(1, 11) if len(data) <= _room(v)), None)
    if version is None:
        raise ValueError(f"{len(data)} bytes do not fit into version 10")
    bits = [bit for byte in _codewords(data, version) for bit in _bits(byte, 8)]
    return min((_drawn(version, bits, mask) for mask in range(8)), key=_penalty)


def path(grid: Grid, quiet: int = 4) -> tuple[str, int]:
    """The `d` of an SVG path of one unit a square, and the side of its view box with the quiet zone."""
    runs = (f"M{x + quiet} {y + quiet}h{n}v1h-{n}z" for y, row in enumerate(grid) for x, n in _runs(row))
    return "".join(runs), len(grid) + 2 * quiet


def _runs(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None


# ------------------------------------------------------------------ bytes
def _room(version: int) -> int:
    _, short, size, long = _BLOCKS[version - 1]
    return short * size + long * (size + 1) - (2 if version < 10 else 3)


def _bits(value: int, count: int) -> list[bool]:
    return [bool(value >> place & 1) for place in range(count - 1, -1, -1)]


def _codewords(data: bytes, version: int) -> list[int]:
    """Data and check bytes in the order in which they are drawn."""
    check, short, size, long = _BLOCKS[version - 1]
    total = short * size + long * (size + 1)
    head = [*_bits(0b0100, 4), *_bits(len(data), 8 if version < 10 else 16)]
    bits = [*head, *_bits(int.from_bytes(data, "big"), 8 * len(data))]
    bits += [False] * min(4, total * 8 - len(bits))
    bits += [False] * (-len(bits) % 8)
    whole = [sum(bit << 7 - place for place, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8)]
    whole += [(0xEC, 0x11)[n % 2] for n in range(total - len(whole))]
    sizes = [size] * short + [size + 1] * long
    starts = [sum(sizes[:n]) for n in range(len(sizes))]
    blocks = [whole[at : at + length] for at, length in zip(starts, sizes, strict=True)]
    checks = [_check(block, check) for block in blocks]
    return [*_interleaved(blocks), *_interleaved(checks)]


def _interleaved(blocks: Sequence[Sequence[int]]) -> list[int]:
    return [block[n] for n in range(max(map(len, blocks))) for block in blocks if n < len(block)]


@cache
def _powers() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Powers of two in GF(256) modulo x^8+x^4+x^3+x^2+1, and their logarithms."""
    powers, logs, value = [0] * 510, [0] * 256, 1
    for n in range(255):
        powers[n] = powers[n + 255] = value
        logs[value] = n
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return tuple(powers), tuple(logs)


def _times(a: int, b: int) -> int:
    powers, logs = _powers()
    return powers[logs[a] + logs[b]] if a and b else 0


@cache
def _generator(count: int) -> tuple[int, ...]:
    poly, powers = [1], _powers()[0]
    for n in range(count):
        poly = [a ^ _times(b, powers[n]) for a, b in zip([*poly, 0], [0, *poly], strict=True)]
    return tuple(poly[1:])


def _check(block: Sequence[int], count: int) -> list[int]:
    """The Reed-Solomon remainder of a block."""
    rest = [0] * count
    for byte in block:
        factor = byte ^ rest[0]
        rest = [a ^ _times(b, factor) for a, b in zip([*rest[1:], 0], _generator(count), strict=True)]
    return rest


# ------------------------------------------------------------------ squares
def _drawn(version: int, bits: Sequence[bool], mask: int) -> Grid:
    side = 17 + 4 * version
    fixed = _fixed(version, side)
    grid = [[fixed.get((x, y), False) for x in range(side)] for y in range(side)]
    for (x, y), bit in zip(_way(side, fixed), [*bits, *[False] * 7], strict=False):  # what is left over is light
        grid[y][x] = bit ^ _masked(mask, x, y)
    for (x, y), bit in _format(side, mask):
        grid[y][x] = bit
    return grid


def _fixed(version: int, side: int) -> dict[tuple[int, int], bool]:
    """What is the same whatever is written; the places of the format are kept free as light squares."""
    found: dict[tuple[int, int], bool] = {(n, 6): n % 2 == 0 for n in range(side)} | {
        (6, n): n % 2 == 0 for n in range(side)
    }
    for cx, cy in ((3, 3), (side - 4, 3), (3, side - 4)):
        found |= _rings(cx, cy, 4, side, {0, 1, 3})
    centres = _ALIGNED[version - 1]
    corners = {(6, 6), (6, side - 7), (side - 7, 6)}
    for cx, cy in ((x, y) for x in centres for y in centres if (x, y) not in corners):
        found |= _rings(cx, cy, 2, side, {0, 2})
    found |= {place: False for place, _ in _format(side, 0)}
    if version >= 7:
        found |= _version(version, side)
    return found


def _rings(cx: int, cy: int, reach: int, side: int, dark: set[int]) -> dict[tuple[int, int], bool]:
    around = range(-reach, reach + 1)
    return {
        (cx + dx, cy + dy): max(abs(dx), abs(dy)) in dark
        for dx in around
        for dy in around
        if 0 <= cx + dx < side and 0 <= cy + dy < side
    }


def _version(version: int, side: int) -> dict[tuple[int, int], bool]:
    rest = version << 12
    for place in range(17, 11, -1):
        rest ^= 0x1F25 << place - 12 if rest >> place & 1 else 0
    value = version << 12 | rest
    spots = (((side - 11 + n % 3, n // 3), bool(value >> n & 1)) for n in range(18))
    return {place: bit for (x, y), bit in spots for place in ((x, y), (y, x))}


def _format(side: int, mask: int) -> Iterable[tuple[tuple[int, int], bool]]:
    """Level M and the mask, twice, and the one square that is always dark."""
    rest = mask << 10  # the two bits of level M are 00
    for place in range(14, 9, -1):
        rest ^= 0x537 << place - 10 if rest >> place & 1 else 0
    value = (mask << 10 | rest) ^ _FORMAT_MASK
    near = [(8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8), (7, 8), *((n, 8) for n in range(5, -1, -1))]
    far = [*((side - 1 - n, 8) for n in range(8)), *((8, side - 7 + n) for n in range(7))]
    for n in range(15):
        bit = bool(value >> n & 1)
        yield near[n], bit
        yield far[n], bit
    yield (8, side - 8), True


def _way(side: int, fixed: dict[tuple[int, int], bool]) -> Iterator[tuple[int, int]]:
    """The free squares in the order of the bits: two columns at a time, up and down, from the right."""
    upward = True
    for right in (*range(side - 1, 6, -2), 5, 3, 1):
        for y in range(side - 1, -1, -1) if upward else range(side):
            yield from ((x, y) for x in (right, right - 1) if (x, y) not in fixed)
        upward = not upward


def _masked(mask: int, x: int, y: int) -> bool:
    product = x * y
    return (
        (x + y) % 2, y % 2, x % 3, (x + y) % 3, (x // 3 + y // 2) % 2, product % 2 + product % 3,
        (product % 2 + product % 3) % 2, ((x + y) % 2 + product % 3) % 2,
    )[mask] == 0  # fmt: skip


def _penalty(grid: Grid) -> int:
    """How badly a mask suits (ISO/IEC 18004, 7.8.3): long runs, blocks, false finders, too dark or too light."""
    side = len(grid)
    lines = ["".join("01"[dark] for dark in row) for row in (*grid, *zip(*grid, strict=True))]
    runs = sum(length - 2 for line in lines for length in _lengths(line) if length >= 5)
    blocks = sum(
        grid[y][x] == grid[y][x + 1] == grid[y + 1][x] == grid[y + 1][x + 1]
        for y in range(side - 1)
        for x in range(side - 1)
    )
    finders = sum(line.startswith(like, n) for line in lines for like in _FINDERS for n in range(side - 10))
    dark = sum(map(sum, grid)) * 20 // (side * side)
    return runs + 3 * blocks + 40 * finders + 10 * min(abs(dark - 10), abs(dark + 1 - 10))


_FINDERS = ("10111010000", "00001011101")


def _lengths(line: str) -> Iterator[int]:
    length = 1
    for one, other in zip(line, line[1:] + " ", strict=True):
        if one == other:
            length += 1
        else:
            yield length
            length = 1
