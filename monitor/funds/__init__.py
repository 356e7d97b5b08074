"""What money stands behind a debt: lists matched to projects, lawful sources, findings, and how they are told.

Pure: the register, the lists and a day in, facts with their source out. Never a guess: what does not match by name is
said to be unmatched, and what no list says is said to be unknown, which is not a no. Companies and projects only.
"""

from monitor.funds.behind import Behind, Cover, Debt, behind
from monitor.funds.match import Book, Match

__all__ = ["Behind", "Book", "Cover", "Debt", "Match", "behind"]
