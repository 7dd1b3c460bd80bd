"""The search for runs: bounded, minimal, explained; stories; what could happen from here."""
