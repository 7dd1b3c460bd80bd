"""What the proofs about the life of a copy lean on: which flags a copy can have in which state, and
what its database file may hold.
"""

from __future__ import annotations

from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_copies import Trouble
from models.language.model import LEMMA, property_for
from models.language.terms import all_of, any_of, if_else, implies, one_of

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
    from before its stream forked, or deeper than lost log resilience holds back.
    """
    a, rec = s.copy[n, g], s.record[g]
    final = a.top + if_else(a.open_records > 0, 1, 0)
    below = any_of(rec.generation <= a.fork, rec.generation <= final - s.p.llr_depth)
    return implies(
        all_of(attested(s), rec.in_file[n]),
        all_of(
            rec.in_database[n],
            implies(one_of(a.state, Copy.ACTIVE, Copy.INITIALIZING), below),
            implies(prefix(s, n, g), rec.generation <= a.replayed),
        ),
    )
