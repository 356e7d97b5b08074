"""Whom a connection to where the operator pointed believes, that it goes nowhere else, and that it comes to an end.

Knows the public authorities and the intranet's own (XINSHAO_CERTIFICATES). What feeds lead to is the fetcher's matter.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self


def context(certificates: Path | None) -> ssl.SSLContext:
    """For a client. `certificates`: PEM file of an authority believed beside the public ones. OSError: no such file."""
    trusted = ssl.create_default_context()
    if certificates is not None:
        trusted.load_verify_locations(certificates)
    return trusted


class Limit:
    """`with Limit(20.0) as limit: limit.on(plug)`: what still reads from the socket after 20 s finds its end.

    The time-out of a socket is one for each answer: who sends a byte a second never runs into it, and the thread that
    listens to him is gone. `over`: the time is up.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._plugs: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def on(self, plug: socket.socket) -> socket.socket:
        """The socket, held to the limit whatever is wrapped around it later (TLS)."""
        with self._lock:
            self._plugs.append(plug.dup())
            if self.over:
                self._end()
        return plug

    def _cut(self) -> None:
        with self._lock:
            self.over = True
            self._end()

    def _end(self) -> None:
        for plug in self._plugs:
            with suppress(OSError):
                plug.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for plug in self._plugs:
                plug.close()
            self._plugs.clear()


def call(request: urllib.request.Request, certificates: Path | None, seconds: float) -> int:
    """Calls http or https and is done within `seconds`; the status of the answer, whatever it is.

    A redirect is not followed: the call goes where it was meant to go or not at all. OSError: no answer, or none that
    is HTTP; TimeoutError among them.
    """
    with Limit(seconds) as limit:
        try:
            with _opener(certificates, limit).open(request, timeout=seconds) as answer:
                if limit.over:  # its head ends where it was cut off
                    raise TimeoutError
                answer.read(1024)
                return int(answer.status)
        except urllib.error.HTTPError as problem:
            problem.close()
            return problem.code
        except (OSError, http.client.HTTPException, ValueError) as problem:
            if limit.over:
                raise TimeoutError(f"not done within {seconds:g} s") from problem
            if isinstance(problem, OSError):
                raise
            raise OSError(f"no answer in HTTP: {type(problem).__name__}") from problem


def _opener(certificates: Path | None, limit: Limit) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect, _Http(limit), _Https(limit, context(certificates)))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class _Http(urllib.request.HTTPHandler):
    def __init__(self, limit: Limit) -> None:
        super().__init__()
        self._limit = limit

    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(partial(_limited, http.client.HTTPConnection, self._limit), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, limit: Limit, trusted: ssl.SSLContext) -> None:
        super().__init__()
        self._limit, self._trusted = limit, trusted

    def https_open(self, req: urllib.request.Request) -> Any:
        made = partial(_limited, http.client.HTTPSConnection, self._limit)
        return self.do_open(made, req, context=self._trusted)


def _limited(kind: Any, limit: Limit, host: str, **options: Any) -> Any:
    """A connection of http.client whose socket is held to the limit from the moment it stands."""
    made = kind(host, **options)
    connect = made._create_connection
    made._create_connection = lambda *args, **kwargs: limit.on(connect(*args, **kwargs))
    return made
