"""One more entry at the end of feeds.yaml, comments kept. Knows the file's form; config says whether it is valid."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.model import Feed


def entry_text(feed: Feed, values: Mapping[str, str], *, posts: int) -> str:
    """The entry as written; `minimum` is a third of what was seen, so that a bad day is no fault and a redesign is."""
    rows: dict[str, Any] = {
        "name": values["name"],
        "kind": feed.kind,
        "url": feed.url,
        "source": feed.source,
        "every": values["every"],
        "minimum": max(1, posts // 3),
        "period": "7d",
        "purpose": values["purpose"],
        "legal_basis": values["legal_basis"],
        "area": values.get("area"),
        "selectors": dict(feed.selectors),
        "options": dict(feed.options),
        "allow": list(feed.allow),
        "follow": feed.follow,
    }
    kept = [(key, value) for key, value in rows.items() if value not in ("", None, {}, [], False)]
    return "".join(
        f"  {'- ' if not place else '  '}{key}: {_scalar(value)}\n" for place, (key, value) in enumerate(kept)
    )


def _scalar(value: Any) -> str:
    """JSON is YAML: quoting is never guessed."""
    return json.dumps(value, ensure_ascii=False)


def append(path: Path, entry: str) -> None:
    """Writes the file with one more entry; ConfigError, and the file untouched, when the result would not be valid."""
    from monitor.config import read_feeds

    before = path.read_text("utf-8") if path.exists() else "feeds:\n"
    if not before.strip():
        before = "feeds:\n"
    with TemporaryDirectory(dir=path.absolute().parent, prefix=".feeds-") as folder:
        draft = Path(folder) / path.name
        draft.write_text(before.rstrip("\n") + "\n\n" + entry, "utf-8")
        read_feeds(draft)
        os.replace(draft, path)
