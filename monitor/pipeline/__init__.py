"""From a feed that is due to recorded changes: `poll` brings posts in, `take` reads and places them.

a poll     poll: the order; ask: what the site answers; follow: the pages behind a list
posts      take: read, decide, record; bring: files and pushes; again: stored evidence read once more
the house  house: every room put together; clock: what time it is; in_force, rested: files that change under it;
           recognise: after a restore
on time    jobs: what is done how often; daily: digests; duty: hand-over and the report before 除夕; housekeeping;
           health: silent feeds; heartbeat: a watcher elsewhere
what if    backtest: another model; reroute: another matrix
"""
