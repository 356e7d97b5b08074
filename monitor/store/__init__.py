"""The only SQL of the house: one file per aggregate, SQLAlchemy Core, SQLite by default and PostgreSQL by URL."""
