"""复查 as an act of the ledger: what a second person says of a post that was drawn. Changes no post and no case.

The second person does not see what the first one said, and is never the same. Where they differ, the case's own acts
put it right; figures say how often, and of nobody in particular.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from monitor.ledger.door import Ledger
from monitor.ledger.standing import catalogue, forbid
from monitor.model import Act, Change
from monitor.store import recheck


def judge(ledger: Ledger, post: str, answer: str, *, by: str, at: datetime) -> None:
    """Records whether a drawn post tells of owed wages; ForbiddenChange for who decided first, or has answered."""
    if answer not in recheck.ANSWERS:
        raise forbid("recheck_answer")

    def work(c: Connection) -> tuple[None, list[Change]]:
        month = recheck.month_of(at)
        row = next((one for one in recheck.drawn(c, at) if one["id"] == post), None)
        if row is None:
            raise forbid("recheck_unknown")
        if row["first_by"] == by:
            raise forbid("recheck_second")
        if any(one.post == post for one in recheck.answers(c, month)):
            raise forbid("recheck_done")
        data = {
            "month": month, "post": post, "group": row["group"], "machine": row["flag"], "first": row["first"],
            "answer": answer,
        }  # fmt: skip
        reason = str(catalogue()["recheck_reason"]).format(month=month)
        return None, [Change(act=Act.RECHECK, at=at, reason=reason, actor=by, data=data)]

    ledger.record_with(work)
