"""A JSON Feed of incidents for a reader program or another system. Knows what the list shows: no text of a post.

The address holds a seal over the account and its stored password: it needs no session, shows what that person may see
now, and dies when the password changes or the account is closed. Format: JSON Feed 1.1.
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.store import factors, incidents, users
from monitor.web.access import Right, person_of
from monitor.web.desk import Desk, desk_of
from monitor.web.errors import address
from monitor.web.present import iso
from monitor.web.sessions import Denied, TooOften
from monitor.web.sight import confines, visible

router = APIRouter()
ITEMS = 50


def address_for(desk: Desk, name: str, stored: str) -> str:
    """The path of a person's feed; `stored`: the hash of the password."""
    seal = desk.seal("feed", f"{name}\x00{stored}")
    return f"/subscribe/{quote(name, safe='')}/{seal}"


@router.get("/subscribe/{name}/{seal}")
def feed(request: Request, name: str, seal: str) -> Response:
    desk = desk_of(request)
    wait = desk.links.wait(address(request), desk.now().timestamp())
    if wait:
        raise TooOften(wait)
    with desk.store.read() as c:
        row = users.user(c, name)
        expected = desk.seal("feed", f"{name}\x00{row['password'] if row else ''}")
        if not hmac.compare_digest(seal.encode(), expected.encode()) or row is None or row["disabled"]:
            raise Denied("unknown feed", hidden=True)
        if row["role"] in desk.config.settings.paired_roles and name not in factors.paired(c):
            raise Denied("feed of an account that must be paired first", hidden=True)
        person = person_of(row, name)
        found = incidents.listing(c, incidents.Filter(within=confines(desk, c, person)), sort="updated", limit=ITEMS)
    rows = visible(desk, person, found) if person.may(Right.READ) else []
    return JSONResponse(_feed(desk, rows), media_type="application/feed+json")


def _feed(desk: Desk, rows: list[dict[str, Any]]) -> dict[str, Any]:
    base = desk.config.settings.base_url.rstrip("/")
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": desk.words["subscription"]["title"].format(county=desk.config.county.name),
        "home_page_url": f"{base}/incidents",
        "language": "zh-CN",
        "items": [_item(desk, base, row) for row in rows],
    }


def _item(desk: Desk, base: str, row: dict[str, Any]) -> dict[str, Any]:
    level, state = desk.words["levels"][row["level"]]["name"], desk.words["states"][row["state"]]
    return {
        "id": f"{row['id']}#{row['version']}",
        "url": f"{base}/incidents/{row['id']}",
        "title": f"[{level}] {row['id']} {row['title']}",
        "content_text": desk.words["subscription"]["item"].format(
            state=state, verification=desk.words["verifications"][row["verification"]], town=row["town"] or "—",
            lead=desk.names.department(row["lead"]),
        ),
        "date_published": iso(row["opened_at"]),
        "date_modified": iso(row["updated_at"]),
        "tags": [row["level"], row["state"], row["sector"]],
    }  # fmt: skip
