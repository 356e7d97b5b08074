"""The only SQL of the house: one file per aggregate, SQLAlchemy Core, SQLite by default and PostgreSQL by URL.

base             opening a database, one unit of work    migrate, schema/, migrations/   the tables, step by step
what was read    feeds, evidence, posts, signatures (what posts share), sampled (for the audit), decided (reviews),
                 recheck (drawn for a second person)
what is in hand  incidents, closeout (its column's shape), ledger, lives (posts that tell of danger), figures (counts)
who and when     users, factors (second step), shifts, looks (who opened what), tokens (links that act once)
what goes out    outbox, papers (their numbers), done (periodic work, once)
what is brought  funds, lists; wishes: what people ask about data held on them; impact: how much is held
the machine      alive (jobs that are late), holding (who has the database), copies, ahead, whole (after a restore)
codec, parts     stored JSON <-> the model's types; long lists in parts    retention   how long things are kept
"""

from monitor.store.base import Store, StoreError, open_store

__all__ = ["Store", "StoreError", "open_store"]
