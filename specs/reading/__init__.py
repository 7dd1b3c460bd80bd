"""The Z3 reading of a model: terms, grounded steps, slices, and agreement with plain values."""
