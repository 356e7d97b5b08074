"""Posts that are brought rather than fetched: a file, a vendor's push, a mailbox. The same parse, the same intake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.collect import Why
from monitor.collect.asking import brought
from monitor.config import Config
from monitor.model import Document, Feed, Post
from monitor.parse import parse
from monitor.pipeline.take import BATCH, Intake, Taken
from monitor.store import evidence as evidence_rows
from monitor.store import feeds as feed_rows
from monitor.store.base import Store
from monitor.store.feeds import Poll

Progress = Callable[[Iterator[Any], int], Iterator[Any]]


def bring_file(
    store: Store,
    intake: Intake,
    config: Config,
    path: Path,
    body: bytes,
    name: str,
    kind: str,
    now: datetime,
    progress: Progress | None = None,
) -> Taken:
    """Takes a file's posts under the feed `name`. InputError (with row) where it cannot be read: nothing is taken."""
    feed = feed_of(config, path, name, kind)
    document = Document(url=f"file:{path.name}", fetched_at=now, body=body)
    return bring(store, intake, feed, document, now, progress)


def feed_of(config: Config, path: Path, name: str, kind: str) -> Feed:
    """The feed that a file is brought under: one of feeds.yaml, or one made up for it."""
    return next((feed for feed in config.feeds if feed.name == name), None) or Feed(
        name=name,
        kind=kind,
        url=f"file:{path.name}",
        source=name,
        purpose="import",
        legal_basis="brought by the office",
    )


def bring(
    store: Store, intake: Intake, feed: Feed, document: Document, now: datetime, progress: Progress | None = None
) -> Taken:
    """Parses a document that was handed to us and takes its posts; the bytes are kept as evidence.

    A feed that is never asked shows by this alone that it is alive.
    """
    posts = [replace(post, feed=feed.name) for post in parse(document, replace(feed, minimum=min(feed.minimum, 1)))]
    sha = store.unit(lambda c: evidence_rows.add(c, document))
    batches: Sequence[Sequence[Post]] = [posts[start : start + BATCH] for start in range(0, len(posts), BATCH)]
    new, acts = 0, Counter[str]()
    for batch in progress(iter(batches), len(batches)) if progress else batches:
        taken = intake.take(batch, now, {post.id: sha for post in batch})
        new += taken.new
        acts.update(taken.acts)
    if brought(feed):
        poll = Poll(feed=feed.name, at=now, outcome="ok", reason=f"{Why.FETCHED}: brought", posts=len(posts), new=new)
        store.unit(lambda c: feed_rows.note(c, poll))
    return Taken(len(posts), new, dict(acts))
