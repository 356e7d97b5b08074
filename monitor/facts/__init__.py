"""要素: what a post states of a debt - how much, how many, how long, who owes, which site, where, which trade.

`read(post, county)` and `mask.mask(text)` are its two questions. Pure: no clock, no network, no store.

    reading    one post -> its Facts; puts all below together
    who owes   debtors chooses among what parties, brands, spoken, called, private find; names, endings: what a name is
    how much   amounts chooses; sums: how sums hang together; numerals: what a number is worth
    how many   headcount chooses; listed: people counted by being listed; alone: one voice; persons: named in judgments
    how long   periods chooses; months_named: months by the calendar
    where      place chooses among the mentioned; gazetteer: every division of the country; sites, works: which project
    what else  signals: sector; traits: signs of the matrix; register: the county's own names
    spelling   plain: without tricks; clauses: where one ends; mask, cell: without persons; surnames
    choosing   choice: learnt weights at work; learn, learn_debtors: learning them; measure: how well all this reads
    speed      needles, beginnings: which patterns a text can match at all
    by hand    build_gazetteer, register_sheet (a spreadsheet <-> the register)
"""

from monitor.facts.reading import read

__all__ = ["read"]
