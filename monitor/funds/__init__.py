"""What money stands behind a debt, and which firms run short of it: other offices' lists matched and told.

behind     the money of one debt: lawful sources, findings      match      which project a name means
standing   all open debts by the money behind them              names      which firm a name means
firms      who builds a debt's project                          wording    sentences of the above
signals    firms in arrears elsewhere (条例 38(2))               hinting    sentences of those

Pure: the register, the lists and a day in, facts with their source out. Never a guess: what does not match by name is
said to be unmatched, and what no list says is said to be unknown, which is not a no. Companies and projects only.
"""

from monitor.funds.behind import Behind, Cover, Debt, behind
from monitor.funds.match import Book, Match

__all__ = ["Behind", "Book", "Cover", "Debt", "Match", "behind"]
