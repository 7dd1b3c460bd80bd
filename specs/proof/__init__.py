"""Proofs for runs of any length: induction and its rungs, workers, cache, certificates."""
