"""Passwords: how they are kept, and which are refused. Knows no user and no request.

argon2id with the library's defaults (RFC 9106). Length is the only rule of form, as ASVS 5.0 V6.2 asks: 8 to 1,024
characters, any of them, nothing trimmed or cut; refused are leaked passwords and ones that contain the user's name.
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, ADVISED, LONGEST = 8, 15, 1024
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is misread on paper
_HASHER = PasswordHasher()
_FOR_CODES = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1)  # eight at once; each holds 59 secret bits
_HOUSE = ("xinshao", "薪哨", "qianxin", "zhiqianban", "治欠办")


def hashed(password: str) -> str:
    """The stored form."""
    return _HASHER.hash(password)


def hashed_code(code: str) -> str:
    """The stored form of a random recovery code; `matches` reads it, too."""
    return _FOR_CODES.hash(code)


def matches(stored: str | None, password: str) -> bool:
    """Whether it is the password; takes as long for an account that does not exist (`stored` None)."""
    try:
        return _HASHER.verify(stored or _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def refusal(password: str, name: str) -> str | None:
    """Why this password is not accepted: a key of the catalogue (`short`, `long`, `common`, `name`); None: accepted."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    plain = unicodedata.normalize("NFKC", password).lower()
    if plain in _leaked() or len(set(plain)) < 4:
        return "common"
    if any(word in plain and len(plain) - len(word) < SHORTEST for word in (name.lower(), *_HOUSE) if len(word) > 1):
        return "name"
    return None


def fresh() -> str:
    """A random password of about 79 bits that can be read over the telephone."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_hex(16))


@cache
def _leaked() -> frozenset[str]:
    """The 30,000 most common leaked passwords, of which about 11,600 have eight characters or more."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

    return frozenset(FREQUENCY_LISTS["passwords"])
