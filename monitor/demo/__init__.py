"""The demo town: a fictional county whose sites speak real protocols on loopback, and a scripted day on them.

Does not know the service: it is what the service watches. `start(...) -> Town`; `expected.py` says what must come of
the day.
"""

from __future__ import annotations

from monitor.demo.mail_box import Mail, MailBox
from monitor.demo.town import Town, start

__all__ = ["Mail", "MailBox", "Town", "start"]
