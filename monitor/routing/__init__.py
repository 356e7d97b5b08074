"""Who must act: the responsibility matrix and what is decided by it. Pure; knows no store, no mail and no clock.

matrix         matrix_file reads it, matrix_entries its keys, matrix_check its references; lint: what may be a mistake
the route      decide; register: the county's line; interest: who is complained of; explain: a route in words
who is reached roster: shifts and gaps; roster_sheet; duty: contacts and stand-ins too; handover: the note of a shift
who is told    notifications decides; audience: by role; policy: quiet hours, silences; budget: how many a day;
               letter: what a message tells; lives: danger to life; matters: the service itself
what if        replay, replay_told: another matrix over past incidents
wording        the room's sentences; benchmark: how fast a route is decided
"""

from monitor.routing.decide import route
from monitor.routing.matrix import Matrix
from monitor.routing.matrix_file import load_matrix

__all__ = ["Matrix", "load_matrix", "route"]
