"""The only room that speaks HTTP as a client: Feed in, Document out. Never parses, never decides what is news."""

from monitor.collect.answer import Fetch, Outcome, Request, Trouble, Why
from monitor.collect.asking import follow, requests_for
from monitor.collect.fetcher import Fetcher, Limits, validators

__all__ = ["Fetch", "Fetcher", "Limits", "Outcome", "Request", "Trouble", "Why", "follow", "requests_for", "validators"]
