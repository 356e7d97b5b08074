"""Bringing the tables up to date. Knows where the migrations are; a killed run leaves the old version or the new."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

HEAD = "0010"  # the newest file in migrations/versions; a test compares
FOLDER = Path(__file__).parent / "migrations"


def known(version: str) -> bool:
    """Whether this program knows the way on from a version of the tables; not from one of a newer program."""
    return any((FOLDER / "versions").glob(f"{version}_*.py"))


def upgrade(connection: Connection, to: str = "head") -> None:
    """Runs every migration missing up to `to`, in the caller's transaction. Two that start at once wait in turn."""
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7305)")
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
