"""CCR where a mistake is noticed within an hour: which replay lag keeps it from a standby target?

    ccr verify --model specs/examples/replay_lag.py X01 --sweep standby.lag=0m..90m/30m

The lag is no parameter: whoever enables a target says it. X01 holds of no lag at all, so the sweep
makes a parameter of what is said, refutes the short ones, and proves the others.
"""

from __future__ import annotations

from models.ccr.vocabulary import Group
from models.ccr.vocabulary_standby import Target
from models.language.model import STEP
from models.language.terms import all_of, implies
from models.language.variant import Variant
from specs.catalogue import CCR
from specs.catalogue.files import after, upto

HOUR = 3_600_000

mine = Variant(CCR, "CCR where mistakes are noticed within an hour")


@mine.promise("X01", kind=STEP, at=("replay_standby_log",))
def a_target_replays_nothing_younger_than_an_hour(s, u, t: Target, g: Group):
    """A target replays a log only an hour after it was told of it."""
    copy, then, told = s.standby[t, g], u.standby[t, g], s.ageing[t, g].told_at
    tracked = all_of(then.replayed > copy.replayed, upto(s, then.replayed), after(s, copy.replayed))
    return implies(tracked, all_of(told >= 0, s.elapsed(told, HOUR)))


MODEL = mine.model
