"""Reads a text and says whether it tells of unpaid wages, with its reasons. Knows nothing of the monitor around it."""
