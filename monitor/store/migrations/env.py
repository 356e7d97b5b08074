"""Alembic's entry: runs in the connection and the transaction of the caller. Knows no URL."""

from alembic import context

from monitor.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller has begun, and commits or rolls back all of it
)
context.run_migrations()
