"""The only SQL of the house: one file per aggregate, SQLAlchemy Core, SQLite by default and PostgreSQL by URL."""

from monitor.store.base import Store, StoreError, open_store

__all__ = ["Store", "StoreError", "open_store"]
