"""Spreadsheets that people keep: bytes -> named cells and their values, every fault with its row. Knows no store."""
