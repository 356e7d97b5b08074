"""The only room that speaks HTTP as a client: Feed in, Document out. Never parses, never decides what is news.

asking          what to ask a feed's site       answer     what came of it, as types
fetcher         one address -> Fetch            may we     address, resolver, robots, pace; lawful: what is never done
an exchange     wire, coding, status, soundness
afterwards      backoff: when to ask again; health, coverage: can we still see; words: a reason for people
brought to us   push, mailbox, wechat
"""

from monitor.collect.answer import Fetch, Outcome, Request, Trouble, Why
from monitor.collect.asking import follow, requests_for
from monitor.collect.fetcher import Fetcher, Limits, validators
from monitor.collect.words import explain, remedy

__all__ = [
    "Fetch", "Fetcher", "Limits", "Outcome", "Request", "Trouble", "Why", "explain", "follow", "remedy", "requests_for",
    "validators",
]  # fmt: skip
