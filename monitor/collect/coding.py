"""Content codings undone piece by piece. Knows gzip, deflate and brotli; hands out at most PIECE bytes at a time.

Whoever reads counts what comes out: 203 bytes of brotli can stand for 256 MiB, and a decoder asked for "all of it"
would have made them before anybody could count. RFC 9110 section 8.4.1; raw deflate as old IIS sends it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]

from monitor.collect.answer import Trouble, Why

PIECE = 65_536
LAYERS = 2
ACCEPT = "gzip, deflate, br"


class Stage(Protocol):
    """One coding. `finish` raises Trouble when the stream was cut."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...
    def finish(self) -> None: ...


class _Zlib:
    def __init__(self, bits: int, *, name: str) -> None:
        self._bits, self._name, self._started = bits, name, False
        self._stream = zlib.decompressobj(bits)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data and not self._stream.eof:
            yield self._inflate(data)
            data = self._stream.unconsumed_tail
        if self._stream.eof and self._bits == 31:
            rest = self._stream.unused_data or data
            if rest[:2] == b"\x1f\x8b":  # another member; anything else behind the end is junk, seen in the wild
                self._stream = zlib.decompressobj(31)
                yield from self.feed(rest)

    def _inflate(self, data: bytes) -> bytes:
        try:
            piece = self._stream.decompress(data, PIECE)
        except zlib.error as problem:
            if self._bits == 15 and not self._started:
                self._bits = -15
                self._stream = zlib.decompressobj(-15)
                return self._inflate(data)
            raise Trouble(Why.CODING, f"the body is not the {self._name} it says it is") from problem
        self._started = True
        return piece

    def finish(self) -> None:
        if self._started and not self._stream.eof:
            raise Trouble(Why.TRUNCATED, f"the {self._name} stream ends in the middle")


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._started = self._started or bool(data)
        try:
            if not self._stream.is_finished():
                yield self._stream.process(data, output_buffer_limit=PIECE)
            while not self._stream.can_accept_more_data():
                yield self._stream.process(b"", output_buffer_limit=PIECE)
        except brotli.error as problem:
            raise Trouble(Why.CODING, "the body is not the br it says it is") from problem

    def finish(self) -> None:
        if self._started and not self._stream.is_finished():
            raise Trouble(Why.TRUNCATED, "the br stream ends in the middle")


def stages(header: str) -> list[Stage]:
    """The decoders of a Content-Encoding header, outermost first. Trouble (coding) for unknown or too many."""
    names = [name for name in (part.strip().lower() for part in header.split(",")) if name not in ("", "identity")]
    if len(names) > LAYERS:
        raise Trouble(Why.CODING, f"{len(names)} codings on top of each other, at most {LAYERS} are undone")
    return [_stage(name) for name in reversed(names)]


def _stage(name: str) -> Stage:
    if name in ("gzip", "x-gzip"):
        return _Zlib(31, name="gzip")
    if name == "deflate":
        return _Zlib(15, name="deflate")
    if name == "br":
        return _Brotli()
    raise Trouble(Why.CODING, f"{name[:40]!r} is not supported")


def unpack(layers: list[Stage], data: bytes) -> Iterator[bytes]:
    """What `data` adds to the plain body, in small pieces, made only as they are taken."""
    pieces: Iterable[bytes] = (data,)
    for layer in layers:
        pieces = _through(layer, pieces)
    yield from pieces


def _through(layer: Stage, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from layer.feed(piece)
