"""Questions about a record, answered by folding it with the rules: no behaviour is written here.

`watching` follows conditions through a run (who served, from when to when), `causes` goes back from
an event to what began it, `branching` lets a run go another way from a point of the record. The
model and its conditions are values that are passed in. Must not import a store.
"""
