"""The commands of `xinshao`: one file per part of the house, each with `register(app)`.

Heavy imports stay inside the functions, so that `xinshao --help` answers at once.
"""
