"""Bytes as they were fetched, compressed: the evidence. Knows the table `evidence`; judges nothing.

Kept for good once an incident rests on them, forgotten after RETENTION otherwise. The name of a body is its SHA-256, so
the same page fetched twice is stored once, and a changed byte shows.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from monitor.errors import InputError
from monitor.model import Document
from monitor.store.parts import parts
from monitor.store.schema import evidence, posts

RETENTION = timedelta(days=7)


def add(c: Connection, document: Document) -> str:
    """Stores a document unless the same bytes are stored; its SHA-256. Call inside a write unit."""
    name = document.sha256
    if c.execute(select(evidence.c.sha256).where(evidence.c.sha256 == name)).first() is None:
        c.execute(
            insert(evidence).values(
                sha256=name,
                url=document.final_url or document.url,
                fetched_at=document.fetched_at,
                headers={**document.headers, ":status": str(document.status), ":url": document.url},
                body=zlib.compress(document.body, 6),
                keep=False,
            )
        )
    return name


def load(c: Connection, sha256: str) -> Document | None:
    """The document as it was fetched; None if it was forgotten. InputError when the stored bytes do not match."""
    row = c.execute(select(evidence).where(evidence.c.sha256 == sha256)).mappings().first()
    if row is None:
        return None
    body = zlib.decompress(row["body"])
    if hashlib.sha256(body).hexdigest() != sha256:
        raise InputError(f"evidence {sha256[:12]} was altered: its bytes no longer have that SHA-256")
    headers = {name: value for name, value in row["headers"].items() if not name.startswith(":")}
    return Document(
        url=row["headers"].get(":url", row["url"]),
        fetched_at=row["fetched_at"],
        body=body,
        status=int(row["headers"].get(":status", 200)),
        headers=headers,
        final_url=row["url"],
    )


def keep(c: Connection, names: Iterable[str]) -> int:
    """Marks bodies that are never purged, whatever becomes of their posts; how many."""
    return sum(
        c.execute(update(evidence).where(evidence.c.sha256.in_(part)).values(keep=True)).rowcount
        for part in parts(sorted(set(names)))
    )


def purge(c: Connection, now: datetime, *, retention: timedelta = RETENTION) -> int:
    """Forgets what is older than the retention and nothing rests on; how many.

    What rests on it is asked of the posts, so no crash between recording a post and marking its page can lose a proof:
    posts of an incident, and posts that wait or waited for a person.
    """
    needed = select(posts.c.evidence).where(
        posts.c.evidence.is_not(None), posts.c.incident.is_not(None) | posts.c.review.is_not(None)
    )
    old = (evidence.c.keep.is_(False), evidence.c.fetched_at < now - retention, evidence.c.sha256.not_in(needed))
    return c.execute(delete(evidence).where(*old)).rowcount
