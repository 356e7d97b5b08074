"""What belongs together: which incident a post joins, its level, how far it will spread. Pure; knows no store.

joining    place decides; keys: what to look others up by; texts, rarity: one text retold; names; links: a person's word
merging    merge: facts of one debt from its posts; postings, gather: the same in memory, for the `cluster` filter
level      level; reach: how far it has gone
spread     forecast; signs: what it sees; cascades, calibrate: how it was fitted
too many   excess, alarm: more cases than usual; outbreaks: invented ones to measure it by
lists      listed: which incident a row of another office's list is; recapture: how many debts nobody listed
by hand    benchmark, build_rarity
"""
