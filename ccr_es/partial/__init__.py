"""The audit of partial records: some rules were not logged, some fields are not known.

`record` reads the lines, `steps` are rules made ready for what is not known, `frontier` is the set
of states still possible, `closing` adds what was not logged, `again` what comes back, `engine`
takes line after line,
`reasons` explains a line that nothing explains, `report` is what comes out. Linear in the record,
without a solver. Must not import a store.
"""

from __future__ import annotations

from .answering import Asked
from .declared import Declared
from .judging import audit_partial
from .placing import Clocks
from .report import Answer, PartialReport
from .together import audit_together

__all__ = [
    "Answer",
    "Asked",
    "Clocks",
    "Declared",
    "PartialReport",
    "audit_partial",
    "audit_together",
]
