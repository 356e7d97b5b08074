"""Which line of the county's register an incident is about. Knows names and aliases; knows no place and no rule."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.model import County, Facts, RegisterRow


def rows(county: County, facts: Facts) -> Iterator[RegisterRow]:
    """Register rows whose project or employer the facts name, projects first."""
    for kind, written in (("project", facts.project), ("employer", facts.employer)):
        if written:
            yield from (row for row in county.register if row.kind == kind and _same(row, written))


def project_row(county: County, facts: Facts) -> RegisterRow | None:
    """The first row that names a sector of its own, or any row, or None."""
    found = list(rows(county, facts))
    return next((row for row in found if row.sector), found[0] if found else None)


def _same(row: RegisterRow, written: str) -> bool:
    """Equal names; or the longer one contains the whole of the other, of four characters or more."""
    for name in (row.name, *row.aliases):
        if name == written or (len(name) >= 4 and name in written) or (len(written) >= 4 and written in name):
            return True
    return False
