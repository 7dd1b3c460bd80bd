"""Random runs, and what could happen from here."""
