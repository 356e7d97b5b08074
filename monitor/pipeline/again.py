"""Reading stored evidence again: what would be decided now. Records nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from monitor.config import Config
from monitor.errors import InputError
from monitor.facts.mask import mask
from monitor.model import Document, Feed, Post
from monitor.parse import pages, parse
from monitor.pipeline.take import Intake
from monitor.store import evidence as evidence_rows
from monitor.store import posts as post_rows
from monitor.store.base import Store


def replay(store: Store, intake: Intake, config: Config, id_: str, now: datetime) -> Iterator[dict[str, Any]]:
    """One row a post of the stored document: then and now. InputError where nothing of that name is stored."""
    with store.read() as c:
        row = post_rows.one(c, id_)
        sha = (row["evidence"] if row else None) or id_
        document = evidence_rows.load(c, sha)
    if document is None:
        raise InputError(f"nothing is stored under {id_}: evidence is kept 7 days, or for good behind an incident")
    feed = _feed(config, row["feed"] if row else None)
    for post in _posts(document, feed, row):
        if row and post.id != row["id"]:
            continue
        (reading,) = intake.read([post])
        change = intake.decide(reading, now)
        yield {
            "id": post.id,
            "title": mask(post.title).text if post.title else None,
            "was": {"flag": row["flag"], "score": row["score"], "model": row["model"]} if row else None,
            "now": {
                "flag": reading.assessment.flag,
                "score": reading.assessment.score,
                "model": reading.assessment.model,
            },
            "act": change.act,
            "reason": change.reason,
        }


def _feed(config: Config, name: str | None) -> Feed:
    for feed in config.feeds:
        if feed.name == name:
            return feed
    raise InputError(f"feeds.yaml has no feed {name!r} any more, so its pages cannot be read again")


def _posts(document: Document, feed: Feed, row: dict[str, Any] | None) -> list[Post]:
    """A list's posts, or those of the page behind one of its items."""
    if row and feed.follow:
        stub = Post(
            id=row["id"], text="", title=row["title"], url=row["url"], feed=feed.name, native_id=row["native_id"]
        )
        return pages(document, feed, stub)
    return parse(document, feed)
