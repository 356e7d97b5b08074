"""Addresses in messages: absolute from the service's base address, one-time links by token. Pure.

A link's token is an HMAC of the message's key under the installation's secret (see monitor.ledger.tell.token_id), is
kept with its expiry in the table `tokens`, and works once, by POST: a mail scanner that follows it changes nothing.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

TOKEN = re.compile(r"[0-9a-f]{40}")


def acknowledge(base_url: str, token: object) -> str | None:
    """The address behind 一键签收; None for what is no token."""
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        return None
    return f"{base_url.rstrip('/')}/ack/{token}"


def absolute(base_url: str, path: str) -> str:
    """A page of the service as a browser elsewhere finds it."""
    return path if safe(path) else f"{base_url.rstrip('/')}/{path.lstrip('/')}"


def safe(url: object) -> bool:
    """Whether an address found in a post may become a link: http or https with a host, nothing that runs."""
    if not isinstance(url, str) or any(ord(char) <= 32 for char in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
