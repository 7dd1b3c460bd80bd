"""Parameters: which values are safe, and the inequality that says so for all."""
