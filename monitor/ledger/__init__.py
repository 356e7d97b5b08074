"""台账: the one door through which every act goes, and the rooms behind it.

door       `Ledger.record`: the order of the work, in one transaction
rules      which change is allowed when; given: what `Change.data` of each act must hold; closing: 销号; standing
elsewhere  its rules for cases sent to another county, handed up, before a court    away   what these acts do
posts      what acts on posts do (open, join, confirm, merge, split)   acts   what acts on an incident do
desk       one transaction: the cases in hand, the questions put to other rooms    case   one incident, changed
tell       who hears of it: decided, rationed, queued in the same transaction
duty, accounts, funds, lists, wishes    acts that concern no incident; their table's row and the chain's together
recheck                                 what a second person says of a drawn post
plans, drill                     checklists of a level; practising on an invented incident
chain, tables                    is the chain whole, do the tables beside it still agree
behind, export, erase, anew      money behind a case; 34 columns; a person's wish; keys after an upgrade
"""

from __future__ import annotations

from monitor.ledger.door import Ledger, Recorded

__all__ = ["Ledger", "Recorded"]
