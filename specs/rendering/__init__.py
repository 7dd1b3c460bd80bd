"""A run in other forms: a table, a time-space diagram, ITF, a test. Each reads the run as it is and
decides nothing.
"""
