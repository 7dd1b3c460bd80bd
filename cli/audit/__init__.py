"""Records judged: our own logs, parts of them, and records of other systems."""
