"""薪哨: from a public post about unpaid wages to the desk that must act. The floors of this house are in docs/architecture.md."""
