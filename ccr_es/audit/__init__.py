"""The audit of our own logs: chain, rules, properties, parts, seals."""
