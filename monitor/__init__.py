"""薪哨: from a public post about unpaid wages to the desk that must act."""
