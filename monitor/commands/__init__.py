"""The commands of `xinshao`, one file per part of the house. Each file has `register(app)`; heavy imports stay inside functions."""
