"""台账: the one door through which every act goes, and the rooms behind it."""

from __future__ import annotations

from monitor.ledger.door import Ledger, Recorded

__all__ = ["Ledger", "Recorded"]
