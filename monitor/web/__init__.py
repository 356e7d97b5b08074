"""The web room: sign-in, review queue, ledger, board. Server-rendered Chinese pages that work without script."""

from monitor.web.app import create_app

__all__ = ["create_app"]
