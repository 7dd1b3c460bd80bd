"""What follows from the observations of a record: orders, bounds on clocks, who served when, who
held the witness, what each failover took.
"""
