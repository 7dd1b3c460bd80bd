"""What the proofs about the life of a copy lean on: which flags a copy can have in which state, and
what its database file may hold.
"""

from __future__ import annotations

from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_copies import Trouble
from models.language.model import LEMMA, property_for
from models.language.terms import all_of, any_of, if_else, implies, larger, one_of

from .data import attested, prefix

lemma = property_for(SCHEMA)


@lemma("L100", kind=LEMMA, source="design")
def flags_of_a_state(s, n: Node, g: Group):
    """An active copy is neither failed nor suspended; one that synchronizes read no final
    generation; a Failed one has a trouble.
    """
    a = s.copy[n, g]
    return all_of(
        implies(a.state == Copy.ACTIVE, all_of(a.trouble == Trouble.NONE, ~a.suspended)),
        implies(a.state == Copy.SYNCHRONIZING, a.final_epoch == 0),
        implies(a.state == Copy.FAILED, a.trouble != Trouble.NONE),
    )


@lemma("L101", kind=LEMMA, source="design")
def file_holds_what_was_not_held_back(s, n: Node, g: Group):
    """What may be in the database file of a passive copy it replayed; of one that was active, it is
    from before its stream forked, or deeper than lost log resilience holds back, or flushed by an
    orderly shutdown.
    """
    a, rec = s.copy[n, g], s.record[g]
    final = a.top + if_else(a.open_records > 0, 1, 0)
    held = larger(larger(a.fork, final - s.p.llr_depth), a.flushed)
    opened = all_of(rec.in_open[n], a.open_records > 0, a.flushed >= final)
    below = all_of(rec.in_database[n], rec.generation <= held)
    return implies(
        all_of(attested(s), rec.in_file[n]),
        all_of(
            any_of(rec.in_database[n], opened),
            implies(one_of(a.state, Copy.ACTIVE, Copy.INITIALIZING), any_of(below, opened)),
            implies(prefix(s, n, g), rec.generation <= a.replayed),
        ),
    )
