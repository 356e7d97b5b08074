"""Builds `rarity.gz` anew from the shared posts, to the same bytes. Knows the files and their columns; run by hand.

Two pools: posts at large, and posts near the topic. Left out are the rows that `incidents.json` names, so that how well
they are told apart can be measured on them. What comes out is counts of hashed trigrams (`rarity`), never a text.
Write the file anew: python -m monitor.incidents.build_rarity
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monitor.incidents.rarity import TABLE, build
from monitor.model import full_text

AT_LARGE, NEAR = "background.jsonl.gz", ("labelled.jsonl", "unlabelled.jsonl.gz")


def shared() -> Path | None:
    """The data: XINSHAO_SHARED, or `shared` beside the checkout; None where they are not at hand."""
    folder = Path(os.environ.get("XINSHAO_SHARED") or Path(__file__).resolve().parents[3] / "shared") / "data"
    return folder if (folder / AT_LARGE).exists() else None


def table(folder: Path) -> bytes:
    """What `rarity.gz` holds, from the folder with the data."""
    known = json.loads((folder / "incidents.json").read_text("utf-8"))["incidents"]
    named = {post for group in known for post in group}
    near = [text for name in NEAR for post, text in _texts(folder / name) if post not in named]
    return build([text for _, text in _texts(folder / AT_LARGE)], near)


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """(id, whole text) of every row."""
    packed = path.suffix == ".gz"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as lines:
        for line in lines:
            row: dict[str, Any] = json.loads(line)
            yield str(row["id"]), full_text(row.get("title"), row.get("text") or "")


def main() -> int:
    """Writes the table; says so and leaves it as it is where the data are not at hand."""
    folder = shared()
    if folder is None:
        print("skipped: set XINSHAO_SHARED to the folder with data/background.jsonl.gz", file=sys.stderr)
        return 1
    made = table(folder)
    same = TABLE.exists() and TABLE.read_bytes() == made
    TABLE.write_bytes(made)
    print(f"{TABLE.name}: {len(made)} bytes, {'the same as before' if same else 'changed'}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
