"""Events: what they record, their bytes, hashes and chain, and their interchange."""
