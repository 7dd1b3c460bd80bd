"""Questions about a record: history, why, who, what-if."""
