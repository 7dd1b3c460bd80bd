"""State from events: the fold, points in time, aggregates, machines."""
