"""One-time codes of an authenticator app (RFC 6238, RFC 4226) and recovery codes. Pure: no clock, no user, no request.

SHA-1, six digits, thirty seconds: what every app supports without asking. A code counts for its own half minute and
the ones beside it, because a phone on an intranet is rarely right to the second; the caller remembers the last step
used, so that a code serves once (RFC 6238, 5.2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP, DIGITS, BESIDE = 30, 6, 1
FAR = 40  # steps either way, twenty minutes: so far a wrong clock is looked for when a phone is paired
SECRET_BYTES = 20  # as long as the digest (RFC 4226, 4)
RECOVERY_CODES = 8
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is misread on paper


def fresh_secret() -> bytes:
    """A new shared secret."""
    return secrets.token_bytes(SECRET_BYTES)


def typed(secret: bytes) -> str:
    """The secret as an app wants it typed: base32 in groups of four."""
    plain = base64.b32encode(secret).decode()
    return " ".join(plain[n : n + 4] for n in range(0, len(plain), 4))


def address(secret: bytes, *, issuer: str, account: str) -> str:
    """The `otpauth:` address that a QR code carries."""
    label = quote(f"{issuer}:{account}", safe=":")
    return f"otpauth://totp/{label}?" + urlencode(
        {"secret": base64.b32encode(secret).decode(), "issuer": issuer}, quote_via=quote
    )


def code(secret: bytes, step: int) -> str:
    """The six digits of a step (seconds since 1970 divided by thirty)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: bytes, given: str, seconds: float, reach: int = BESIDE) -> int | None:
    """The step that these digits belong to, within `reach` steps of the time; None: none. Nearest first."""
    digits = "".join(given.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    now, found = int(seconds) // STEP, None
    for step in sorted(range(max(0, now - reach), now + reach + 1), key=lambda one: abs(one - now)):
        if hmac.compare_digest(code(secret, step), digits) and found is None:  # all are compared, found or not
            found = step
    return found


def minutes_off(secret: bytes, given: str, seconds: float) -> int | None:
    """By how many minutes the phone is ahead (+) or behind (-), where a code is right but for that; None: it is not."""
    step = step_of(secret, given, seconds, FAR)
    off = step - int(seconds) // STEP if step is not None else 0
    return round(off * STEP / 60) or (1 if off > 0 else -1) if abs(off) > BESIDE else None


# ------------------------------------------------------------------ kept
def sealed(secret: bytes, key: bytes) -> str:
    """The secret as it is stored: a copy of the database without the installation's key gives no codes."""
    salt = secrets.token_bytes(16)
    return base64.b64encode(salt + _xor(secret, key, salt)).decode()


def opened(stored: str, key: bytes) -> bytes:
    """`sealed`, back. With another key than it was sealed with: bytes that make no right code."""
    raw = base64.b64decode(stored)
    return _xor(raw[16:], key, raw[:16])


def _xor(text: bytes, key: bytes, salt: bytes) -> bytes:
    """One block of HMAC-SHA-256 as a key stream; the salt is never used twice."""
    return bytes(a ^ b for a, b in zip(text, hmac.new(key, b"one-time" + salt, hashlib.sha256).digest(), strict=False))


# ------------------------------------------------------------------ recovery codes
def fresh_recovery() -> list[str]:
    """Codes for the day on which the phone is lost; each serves once. The first group tells which it is."""
    found: dict[str, str] = {}
    while len(found) < RECOVERY_CODES:
        groups = ["".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)]
        found.setdefault(groups[0], "-".join(groups))
    return list(found.values())


def tidy(given: str) -> str:
    """A recovery code as it was printed, whatever spaces, hyphens and capitals it is typed with; empty: it is none."""
    plain = "".join(character for character in given.lower() if character.isalnum())
    if len(plain) != 16 or any(character not in _ALPHABET for character in plain):
        return ""
    return "-".join(plain[n : n + 4] for n in range(0, 16, 4))
