"""A licensed vendor's push: who may hand posts in, once. Pure: headers, body, secret and `now` in; an answer out.

    POST /push/<feed>
    X-Xinshao-Timestamp: 1768899600            unix seconds, at most WINDOW from our clock: no old message counts
    X-Xinshao-Batch: 20260120-0007             the sender's name for this batch, [A-Za-z0-9._-], at most 100
    X-Xinshao-Signature: v1=<hex>              HMAC-SHA256(secret, timestamp + "." + batch + "." + body), RFC 2104

    202 accepted   200 duplicate: the batch was taken before, nothing is done   409 its name was used for other content
    400 a header is missing or malformed   401 wrong signature, or too old or too new   413 larger than LIMIT

A sender that heard no answer signs the batch anew and sends it again under the same name. Whoever replays a recorded
message gets `duplicate` within WINDOW and 401 after it. Several secrets may be valid while one is being replaced.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from monitor.model import Document, Feed
from monitor.text import aware

LIMIT = 5 * 1024 * 1024  # bytes of a batch
WINDOW = timedelta(minutes=5)
SHORTEST_SECRET = 16  # bytes
_BATCH = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v1=([0-9a-fA-F]{64})", re.ASCII)
TIMESTAMP, BATCH, SIGNATURE = "x-xinshao-timestamp", "x-xinshao-batch", "x-xinshao-signature"


class Answer(IntEnum):
    """HTTP status of an answer."""

    DUPLICATE = 200
    ACCEPTED = 202
    MALFORMED = 400
    UNSIGNED = 401
    CONFLICT = 409
    TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a push. `key` is what the store remembers a batch by, `fingerprint` what it remembers of it."""

    answer: Answer
    reason: str
    key: str = ""
    fingerprint: str = ""

    @property
    def genuine(self) -> bool:
        """Signed and fresh: `settle` says whether it is new."""
        return self.answer is Answer.ACCEPTED


def verify(feed: str, headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes], now: datetime) -> Received:
    """Whether a message is signed with one of the secrets and fresh. `headers`: any case. Every secret is compared."""
    if len(body) > LIMIT:
        return Received(Answer.TOO_LARGE, f"larger than {LIMIT} bytes")
    values = {name.lower(): value.strip() for name, value in headers.items()}
    stamp, batch, signature = (values.get(name, "") for name in (TIMESTAMP, BATCH, SIGNATURE))
    if not _STAMP.fullmatch(stamp) or not _BATCH.fullmatch(batch) or not (match := _SIGNATURE.fullmatch(signature)):
        return Received(Answer.MALFORMED, f"needs {TIMESTAMP}, {BATCH} and {SIGNATURE}")
    usable = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
    if not sum(hmac.compare_digest(match[1].lower(), sign(secret, stamp, batch, body)) for secret in usable):
        return Received(Answer.UNSIGNED, "wrong signature")
    if abs(aware(now).timestamp() - int(stamp)) > WINDOW.total_seconds():
        return Received(Answer.UNSIGNED, f"its timestamp is more than {WINDOW.seconds} s from our clock")
    key = f"push:{hashlib.sha256(feed.encode()).hexdigest()[:16]}:{batch}"
    return Received(Answer.ACCEPTED, "signed and fresh", key, hashlib.sha256(body).hexdigest())


def settle(received: Received, remembered: str | None) -> Received:
    """The answer once the store has been asked what it remembers under `received.key` (None: nothing).

    To be called in the transaction that stores the batch and `received.fingerprint`: two at once cannot both be new.
    """
    if not received.genuine or remembered is None:
        return received
    if hmac.compare_digest(remembered, received.fingerprint):
        return Received(Answer.DUPLICATE, "taken before", received.key, received.fingerprint)
    return Received(Answer.CONFLICT, "another content was taken under this name", received.key, received.fingerprint)


def sign(secret: bytes, stamp: str, batch: str, body: bytes) -> str:
    """The hex signature a sender computes."""
    return hmac.new(secret, f"{stamp}.{batch}.".encode() + body, hashlib.sha256).hexdigest()


def document(feed: Feed, batch: str, body: bytes, content_type: str, now: datetime) -> Document:
    """The pushed bytes as evidence, for the parser of the feed's shape."""
    return Document(
        url=f"push:{feed.name}/{batch}",
        fetched_at=now,
        body=body,
        headers={"content-type": content_type or "application/json"},
    )
