"""The only room that speaks HTTP as a client: Feed in, Document out. Never parses, never decides what is news.

asking: what to ask a feed's site. fetcher: one address -> Fetch. address, robots, pace: may we, and when. wire, coding,
status, soundness: the parts of an exchange. lawful: what is never done. backoff: when to ask again. health, coverage:
can we still see. push, mailbox: what is brought to us. words: a reason for people.
"""

from monitor.collect.answer import Fetch, Outcome, Request, Trouble, Why
from monitor.collect.asking import follow, requests_for
from monitor.collect.fetcher import Fetcher, Limits, validators
from monitor.collect.words import explain, remedy

__all__ = [
    "Fetch", "Fetcher", "Limits", "Outcome", "Request", "Trouble", "Why", "explain", "follow", "remedy", "requests_for",
    "validators",
]  # fmt: skip
