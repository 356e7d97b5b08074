"""Whom a connection to where the operator pointed believes, and that it goes nowhere else.

Knows the public authorities and the intranet's own (XINSHAO_CERTIFICATES). What feeds lead to is the fetcher's matter.
"""

from __future__ import annotations

import ssl
import urllib.request
from pathlib import Path
from typing import Any


def context(certificates: Path | None) -> ssl.SSLContext:
    """For a client. `certificates`: PEM file of an authority believed beside the public ones. OSError: no such file."""
    trusted = ssl.create_default_context()
    if certificates is not None:
        trusted.load_verify_locations(certificates)
    return trusted


def opener(certificates: Path | None) -> urllib.request.OpenerDirector:
    """Calls http and https; a redirect is an HTTPError, for the call goes where it was meant to go or not at all."""
    return urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=context(certificates)))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None
