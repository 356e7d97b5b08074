"""What failed outside this program, in one sentence instead of a traceback. Knows kinds of errors; mends nothing.

A file that is not there, a full disk, a locked or read-only database: the machine's condition, not a fault of the code.
Everything else stays a traceback, for whoever maintains this needs it.
"""

from __future__ import annotations

import errno
import sys

REMEDIES = {
    errno.ENOSPC: "make room, then run the command again",
    errno.EDQUOT: "make room, then run the command again",
    errno.EFBIG: "the file may not grow so large here: choose another folder",
    errno.EACCES: "give the account that runs this the right to it, or choose another place",
    errno.EPERM: "give the account that runs this the right to it, or choose another place",
    errno.EROFS: "it cannot be written there: choose another folder",
    errno.EADDRINUSE: "another program listens there, perhaps this service itself: stop it, or choose another --port",
    errno.EADDRNOTAVAIL: "this machine does not have that address: see --host",
}
NO_RIGHT = {"42501"}  # insufficient_privilege, which the drivers count among errors of programs


def sentence(problem: BaseException) -> str | None:
    """What to tell the operator; None where the error speaks of the code itself."""
    if isinstance(problem, OSError):
        return _of_file(problem)
    if isinstance(problem, UnicodeDecodeError):
        return f"a file is not UTF-8 (byte {problem.start}): save it as UTF-8"
    if isinstance(problem, UnicodeEncodeError) and ("surrogates" in problem.reason or problem.encoding == "ascii"):
        return "what was given cannot be written on this host: set LC_ALL=C.UTF-8 and type it again in UTF-8"
    return _of_database(problem)


def _of_file(problem: OSError) -> str:
    where = f"{problem.filename}: " if problem.filename else ""
    remedy = REMEDIES.get(problem.errno or 0, "")
    return f"{where}{problem.strerror or problem}" + (f" — {remedy}" if remedy else "")


def _of_database(problem: BaseException) -> str | None:
    """SQLAlchemy is looked for only where it was loaded: a command without a database starts without it."""
    loaded = sys.modules.get("sqlalchemy.exc")
    if loaded is None or not isinstance(problem, loaded.DBAPIError):
        return None
    refused = getattr(problem.orig, "sqlstate", None) in NO_RIGHT
    if isinstance(problem, (loaded.IntegrityError, loaded.ProgrammingError, loaded.DataError)) and not refused:
        return None
    cause = " ".join(str(problem.orig).split())
    return f"the database could not be used ({cause}); nothing of this was recorded — see `xinshao doctor`"
