"""Builds the packaged gazetteer from tables of administrative divisions. Run by hand when the divisions change.

    python -m monitor.facts.build_gazetteer FOLDER

FOLDER holds provinces.csv, cities.csv, areas.csv and streets.csv (columns: code, name, parents' codes), as the
ministry of civil affairs and the bureau of statistics publish them. The result, `divisions.txt.gz` beside this file,
has one line a county: `code name`, then its towns as `suffix name`, parted by tabs; provinces and cities have lines of
their own. Only names and codes enter it.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path


def rows(path: Path) -> Iterator[tuple[str, str]]:
    """Code and name of every line."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield row["code"], row["name"].strip()


def lines(folder: Path) -> Iterator[str]:
    """The lines of the packaged file: provinces, cities, then counties with their towns."""
    towns: dict[str, list[str]] = {}
    for code, name in rows(folder / "streets.csv"):
        towns.setdefault(code[:6], []).append(f"{code[6:]}{name}")
    for table in ("provinces.csv", "cities.csv"):
        for code, name in rows(folder / table):
            yield f"{code} {name}"
    known = set()
    for code, name in rows(folder / "areas.csv"):
        known.add(code)
        yield "\t".join([f"{code} {name}", *towns.get(code, ())])
    for code in sorted(set(towns) - known):
        yield "\t".join([f"{code} ", *towns[code]])


def main(folder: str) -> None:
    """Writes divisions.txt.gz beside this file; the same tables give the same bytes."""
    target = Path(__file__).with_name("divisions.txt.gz")
    body = "\n".join(lines(Path(folder))).encode()
    target.write_bytes(gzip.compress(body, 9, mtime=0))
    print(f"{target.name}: {len(body)} bytes, {target.stat().st_size} packed")


if __name__ == "__main__":
    main(sys.argv[1])
