"""What reviewers said of posts: what a county's own model learns from. Knows posts and ledger; teaches nothing.

Masked words only: a model keeps the words it learnt by, and no person's name shall be one of them. What was taken back
or erased is not there; what was dismissed is there for its thirty days (store.retention).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from monitor.store import ledger
from monitor.store.schema import posts

LABELS = {"confirmed": "open", "dismissed": "noise"}  # of a decision made before the reviewer was asked for a kind


def decisions(c: Connection) -> list[dict[str, Any]]:
    """One {id, title, text, label} a decided post, the oldest decision first; the last decision on a post counts."""
    said: dict[str, str] = {}
    told = [row for act in ("confirm", "dismiss") for row in ledger.inputs(c, act)]
    for _, given in sorted(told, key=lambda row: row[0]):
        if given.get("post") and given.get("label"):
            said[given["post"]] = given["label"]
    query = select(posts.c.id, posts.c.masked_title, posts.c.masked_text, posts.c.review).where(
        posts.c.review.in_(LABELS), posts.c.masked_text != ""
    )
    return [
        {
            "id": row.id,
            "title": row.masked_title,
            "text": row.masked_text,
            "label": said.get(row.id, LABELS[row.review]),
        }
        for row in c.execute(query.order_by(posts.c.reviewed_at, posts.c.id))
    ]
