"""What every test stands on: the language of the tests, whatever that of the terminal they are started from.

The command line tells of faults in Chinese where the terminal is Chinese (monitor/commands/saying.py); tests that want
that say so.
"""

from __future__ import annotations

import os
import sys

os.environ["LC_ALL"] = "C.UTF-8"


def pytest_sessionfinish() -> None:
    """Ends the database server of this process while it still may: a worker can be killed before it exits by itself."""
    house = sys.modules.get("ledgerhouse")
    if house is not None:
        house.stop_servers()
