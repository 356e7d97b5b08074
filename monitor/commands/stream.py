"""JSON lines in, JSON lines out: the frame of every filter command. Knows no room."""

from __future__ import annotations

import json
import select
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

from monitor.errors import InputError, XinshaoError
from monitor.model import Engagement, Post
from monitor.text import SHANGHAI

Row = Mapping[str, Any]
LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}  # legal inside JSON, yet `splitlines` cuts there
CHUNK, PAUSE = 1 << 16, 0.05  # bytes read at once; seconds without a further line after which what came is answered
STRAY, SOME = 4, 3  # a line is another encoding where over a quarter of its non-ASCII, and over three, are no UTF-8


def run_filter(path: str | None, answer: Callable[[Row], Row], *, batch: int = 1, out: IO[str] | None = None) -> int:
    """Answers every line of `path` (None or "-": stdin) in order; returns the exit status, 1 if any line failed."""
    return run_batches(path, lambda rows: [answer(row) for row in rows], batch=batch, out=out)


def run_batches(
    path: str | None, answer: Callable[[list[Row]], list[Row]], *, batch: int = 256, out: IO[str] | None = None
) -> int:
    """Like `run_filter`, for work that is cheaper on many rows; a failing batch is tried again row by row."""
    sink, failed = out or sys.stdout, False
    for rows in _batches(_lines(path), batch):
        good = [row for row in rows if "error" not in row]
        try:
            answers = iter(answer(good)) if good else iter(())
        except (XinshaoError, ValueError, TypeError, KeyError, OverflowError, ArithmeticError):
            answers = iter([_alone(answer, row) for row in good])
        for row in rows:
            reply = row if "error" in row else next(answers)
            failed |= "error" in reply
            sink.write(json_line(reply))
        sink.flush()
    return 1 if failed else 0


def json_line(row: Row) -> str:
    """The row as one line. What some readers take for a line's end (U+0085, U+2028, U+2029) is written as an escape."""
    return json.dumps(row, ensure_ascii=False, default=_plain).translate(LINE_ENDS) + "\n"


def readable(path: str | None) -> None:
    """InputError where `path` cannot be read: said before a command prepares its work."""
    for _ in _lines(path) if path not in (None, "-") else ():
        break


def _alone(answer: Callable[[list[Row]], list[Row]], row: Row) -> Row:
    try:
        return answer([row])[0]
    except (XinshaoError, ValueError, TypeError, KeyError, OverflowError, ArithmeticError) as problem:
        return {**_called(row), "error": str(problem) or type(problem).__name__}


def _called(row: Row) -> Row:
    """How a line that fails is known in the answers: by its `id`, or as an incident where it is one of `forecast`."""
    if "id" not in row and "incident" in row:
        return {"id": row["incident"], "incident": row["incident"]}
    return {"id": row.get("id")}


def _lines(path: str | None) -> Iterator[bytes | None]:
    """The lines one by one; None where a live pipe has no more just now."""
    if path in (None, "-"):
        if sys.stdin is None:  # begun with it closed
            raise InputError("there is no stdin: name a file")
        source = sys.stdin.buffer
        yield from _live(source) if isinstance(source, BufferedReader) else source
    else:
        try:
            with Path(str(path)).open("rb") as file:
                yield from file
        except OSError as problem:
            raise InputError(f"{path} cannot be read: {problem.strerror}") from problem


def _live(source: BufferedReader) -> Iterator[bytes | None]:
    """Lines of a pipe that is still written to (`tail -f`): what has come does not wait for a full batch."""
    begun: list[bytes] = []
    while chunk := source.read1(CHUNK):
        first, *others = chunk.split(b"\n")
        begun.append(first)
        if others:
            yield b"".join(begun)
            yield from others[:-1]
            begun = [others[-1]]
        if not select.select([source], [], [], PAUSE)[0]:
            yield None
    yield b"".join(begun)


def _batches(lines: Iterable[bytes | None], size: int) -> Iterator[list[Row]]:
    rows: list[Row] = []
    number = 0
    for line in lines:
        if line is not None:
            number += 1
            line = line.removeprefix(BOM_UTF8) if number == 1 else line  # as Windows programs begin a file
            if line.strip():
                rows.append(_row(line, number))
        if rows and (line is None or len(rows) >= size):
            yield rows
            rows = []
    if rows:
        yield rows


def _text(line: bytes) -> str | None:
    """The line as text. A stray byte that is not UTF-8 becomes U+FFFD; None where the whole is in another encoding.

    Read as UTF-8, a line of GB18030 would be a post of rubbish that nothing is found in: a case lost without a word.
    """
    try:
        return line.decode()
    except UnicodeDecodeError:
        text = line.decode("utf-8", "replace")
    odd = sum(char > "\x7f" for char in text)
    return text if text.count("\ufffd") * STRAY <= max(odd, STRAY * SOME) else None


def _row(raw: bytes, number: int) -> Row:
    line = _text(raw)
    if line is None:
        return {"id": None, "error": f"line {number} is not UTF-8: save the file as UTF-8 (GBK is read by `import`)"}
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as problem:
        return {"id": None, "error": f"line {number} is not JSON: {problem}"}
    if "\\ud" in line.lower():  # half a character cannot be written as UTF-8: it becomes a question mark
        row = json.loads(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
    if not isinstance(row, dict):
        return {"id": None, "error": f"line {number} is not an object"}
    return {key: value for key, value in row.items() if key != "error"}


def post_from(row: Row) -> Post:
    """The post in a line of a filter; ValueError names the key that is wrong. Unknown keys are ignored."""
    if not isinstance(row.get("id"), str) or not isinstance(row.get("text"), str):
        raise ValueError("a post needs `id` and `text`, both strings")
    for key in ("title", "platform", "url", "published_at", "author"):
        if row.get(key) is not None and not isinstance(row[key], str):
            raise ValueError(f"`{key}` must be a string or null")
    return Post(
        id=row["id"],
        text=row["text"],
        title=row.get("title"),
        platform=row.get("platform"),
        url=row.get("url"),
        published_at=moment_from(row.get("published_at"), "published_at"),
        author=row.get("author"),
        engagement=_engagement(row.get("engagement")),
        native_id=str(row["native_id"]) if row.get("native_id") is not None else None,
    )


def moment_from(value: str | None, key: str) -> datetime | None:
    """ISO 8601; a moment without a zone is read as Asia/Shanghai, which is what people here mean."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment.astimezone(SHANGHAI)
    except (ValueError, OverflowError) as problem:  # the year 1 or 9999 has no neighbours to be converted to
        raise ValueError(f"`{key}` is not an ISO 8601 time: {value!r}") from problem
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _engagement(value: Any) -> Engagement | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ValueError("`engagement` must be an object or null")
    counts = {key: value.get(key) for key in ("views", "likes", "comments", "reposts")}
    if any(count is not None and (isinstance(count, bool) or not isinstance(count, int)) for count in counts.values()):
        raise ValueError("`engagement` counts must be whole numbers or null")
    return Engagement(**counts)


def post_row(post: Post) -> dict[str, Any]:
    """A post as a line of a filter."""
    engagement = post.engagement
    return {
        "id": post.id,
        "title": post.title,
        "text": post.text,
        "platform": post.platform,
        "url": post.url,
        "published_at": post.published_at.astimezone(SHANGHAI).isoformat() if post.published_at else None,
        "author": post.author,
        "engagement": None
        if engagement is None
        else {key: getattr(engagement, key) for key in ("views", "likes", "comments", "reposts")},
        "native_id": post.native_id,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
