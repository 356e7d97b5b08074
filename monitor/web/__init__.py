"""The web room: sign-in, review queue, ledger, board. Server-rendered Chinese pages that work without script.

app        the room put together      desk    what every page stands on     shield, errors, patience   what is asked
sign-in    signing, sessions, accounts, passwords, onetime, pairing, throttle
rights     access (who may what), sight (who sees which incident), unmask, looked, audit
review     queue, excerpt, recall, recheck (by a second person)     again   a form that outlived its session
a case     incidents (list and page), acts (its forms), closeout, files, papers, plans, phones, forecasts, funds
wishes     what people ask about data held on them       whatif   rules tried before they hold
as a whole board, clearing, sets (a figure's incidents), signals (firms that run short), lists, charts, subscription
duty       roster, silences, acknowledge (签收 by a mail's link)
the house  operations, probes         push, wechat   posts handed in over HTTP          present   rows -> words
"""

from monitor.web.app import create_app

__all__ = ["create_app"]
