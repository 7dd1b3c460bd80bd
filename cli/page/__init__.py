"""An audit as one page of HTML: it needs no other file, opens offline, prints, and reads without a
script.

`words` makes text inert, `matter` reads a log while it is audited, `frame` is the page around the
chapters, which are `findings`, `timeline`, `plots`, `ledger` and `observed`. Nothing here judges:
the values are those that the text answers are made of. Sits above `passages`, below `auditing`.
"""
