"""Random runs over the plain reader, and response after faults."""
