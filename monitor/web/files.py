"""Proofs: payment slips and other papers filed with an incident. Knows which are accepted and how they are given out.

A file is what its first bytes say, must carry a fitting name, is at most 8 MB, and leaves only as a download with a
name of our own making (ASVS 5.0 V5).
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import PurePath
from urllib.parse import quote

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from monitor.errors import InputError
from monitor.ledger.duty import file_proof
from monitor.model import Act
from monitor.store import incidents, looks
from monitor.web import looked
from monitor.web.access import Person
from monitor.web.desk import Desk, desk_of
from monitor.web.sessions import Denied, TextForm, TextReader
from monitor.web.shield import TooLarge
from monitor.web.sight import sees_text, visible_incident

router = APIRouter()
log = structlog.get_logger("monitor.web.access")
LARGEST = 8 * 1024 * 1024
MOST_FILES = 2**31  # numbers above it no database has room for
SANDBOX = "default-src 'none'; sandbox; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
UNPACKED, MEMBERS = 64 * 1024 * 1024, 2_000
PURPOSES = ("payment", "confirmation", "order", "reply")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: dict[str, tuple[bytes, tuple[str, ...]]] = {  # media type: first bytes, extensions
    "application/pdf": (b"%PDF-", (".pdf",)),
    "image/png": (b"\x89PNG\r\n\x1a\n", (".png",)),
    "image/jpeg": (b"\xff\xd8\xff", (".jpg", ".jpeg")),
    XLSX: (b"PK\x03\x04", (".xlsx",)),
}


def media_type(name: str, body: bytes) -> str | None:
    """What the file is, when its bytes and its name agree and it may be accepted; None otherwise."""
    extension = PurePath(name).suffix.lower()
    for kind, (magic, extensions) in KINDS.items():
        if body.startswith(magic) and extension in extensions:
            return kind if kind != XLSX or _harmless_workbook(body) else None
    return None


def _harmless_workbook(body: bytes) -> bool:
    """A real workbook that does not unpack into something huge; nothing is unpacked to find out."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    names = {member.filename for member in members}
    small = len(members) <= MEMBERS and sum(member.file_size for member in members) <= UNPACKED
    return small and "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


async def whole(uploaded: UploadFile) -> bytes:
    """What was uploaded; TooLarge beyond LARGEST, of which no more is read."""
    body = await uploaded.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge
    return body


def tidy(name: str) -> str:
    """The uploaded name without path, control characters and what a shell or header could trip over."""
    plain = re.sub(
        r"[\x00-\x1f\x7f\"'\\/:*?<>|;%&$`{}\u200b-\u200f\u202a-\u202e\u2066-\u2069]",
        "_",
        PurePath(name.replace("\\", "/")).name,
    )
    return plain.strip(". ")[-80:] or "file"


@router.post("/incidents/{incident}/files")
async def file(request: Request, incident: str, sent: TextForm) -> Response:
    uploaded, purpose = sent.form.get("file"), sent.text("purpose", 20)
    desk = desk_of(request)
    if not isinstance(uploaded, UploadFile) or not uploaded.filename or purpose not in PURPOSES:
        raise InputError(desk.words["files"]["none"])
    body = await whole(uploaded)
    payment = sent.number("payment") if purpose == "payment" else None
    await run_in_threadpool(_keep, desk, sent.person, incident, tidy(uploaded.filename), body, purpose, payment)
    return RedirectResponse(f"/incidents/{incident}?done=filed#proofs", status_code=303)


def _keep(desk: Desk, person: Person, incident: str, name: str, body: bytes, purpose: str, payment: int | None) -> None:
    if not person.may_act(Act.PAY):
        raise Denied("may not file proofs")
    kind = media_type(name, body)
    if kind is None:
        raise InputError(desk.words["files"]["kind"])
    with desk.store.read() as c:
        visible_incident(desk, c, person, incident)
    digest = hashlib.sha256(body).hexdigest()
    why = desk.words["files"]["filed"].format(purpose=desk.words["file_purposes"][purpose])
    file_proof(
        desk.ledger, incident, by=person.name, at=desk.now(), reason=why,
        name=name, media_type=kind, sha256=digest, body=body, purpose=purpose, payment=payment,
    )  # fmt: skip
    log.info("proof filed", user=person.name, incident=incident, sha256=digest)


@router.get("/incidents/{incident}/files/{number}")
def download(request: Request, incident: str, number: int, person: TextReader) -> Response:
    """404 for what this person may not see, and for a department that gets a fact sheet only: slips name workers."""
    desk = desk_of(request)
    with desk.store.read() as c:
        visible_incident(desk, c, person, incident)
        shown = sees_text(desk, person) and 0 < number < MOST_FILES
        row = incidents.file_body(c, number) if shown else None
    if row is None or row["incident"] != incident:
        raise Denied(f"no file {number} in {incident}", hidden=True)
    extension = KINDS[row["media_type"]][1][0] if row["media_type"] in KINDS else ""
    plain, full = f"{incident}-{number}{extension}", quote(f"{incident}-{row['name']}", safe="")
    log.info("proof read", user=person.name, incident=incident, file=number)
    looked.note(desk, person, looks.PROOF, incident)
    return Response(
        row["body"],
        media_type=row["media_type"],
        headers={
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}",
            "content-security-policy": SANDBOX,
        },
    )
