"""Who must act: the responsibility matrix and what is decided by it. Pure; knows no store, no mail and no clock."""

from monitor.routing.decide import route
from monitor.routing.matrix import Matrix
from monitor.routing.matrix_file import load_matrix

__all__ = ["Matrix", "load_matrix", "route"]
