"""Proofs, sweeps, mutants, liveness, and counterexamples in every form."""
