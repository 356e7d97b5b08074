"""What every test stands on: the language of the tests, whatever that of the terminal they are started from.

The command line tells of faults in Chinese where the terminal is Chinese (monitor/commands/saying.py); tests that want
that say so.
"""

from __future__ import annotations

import os

os.environ["LC_ALL"] = "C.UTF-8"
