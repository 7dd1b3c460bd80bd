"""The ghost that follows one arbitrary lot of mail through the log streams, next to the rules that
move logs.

Each function is what one kind of step does to it; the rules join it to their own ghosts. No rule
reads it.
"""

from __future__ import annotations

from typing import Any

from models.language.terms import Term, all_of, if_else, peer

from ..vocabulary_mail import OPEN_LOG

Ghost = dict[Term, Any]


def letter_written(s: Any, n: Term, g: Term, m: Term) -> Ghost:
    """A lot is accepted into the open log on `n`."""
    letter = s.letter[g]
    mine = letter.mail == m
    return {
        letter.doubled: letter.doubled | all_of(mine, letter.holds[n]),
        letter.holds[n]: letter.holds[n] | mine,
        letter.at[n]: if_else(mine, OPEN_LOG, letter.at[n]),
    }


def letter_closed(s: Any, n: Term, g: Term) -> Ghost:
    """The open log on `n` is closed under the next generation."""
    letter = s.letter[g]
    closing = all_of(letter.holds[n], letter.at[n] == OPEN_LOG)
    return {letter.at[n]: if_else(closing, s.copy[n, g].top + 1, letter.at[n])}


def letter_copied(s: Any, n: Term, g: Term) -> Ghost:
    """The next closed log of the source comes to the inspector directory on `n`."""
    letter, upto = s.letter[g], s.copy[n, g].copied + 1
    comes = all_of(letter.holds[peer(n)], letter.at[peer(n)] == upto)
    return {
        letter.doubled: letter.doubled | all_of(comes, letter.inbox[n]),
        letter.inbox[n]: letter.inbox[n] | comes,
        letter.inbox_at[n]: if_else(comes, upto, letter.inbox_at[n]),
    }


def letter_inspected(s: Any, n: Term, g: Term) -> Ghost:
    """The next copied log moves to the log directory on `n`."""
    letter, upto = s.letter[g], s.copy[n, g].top + 1
    comes = all_of(letter.inbox[n], letter.inbox_at[n] == upto)
    return {
        letter.doubled: letter.doubled | all_of(comes, letter.holds[n]),
        letter.holds[n]: letter.holds[n] | comes,
        letter.at[n]: if_else(comes, upto, letter.at[n]),
        letter.inbox[n]: letter.inbox[n] & ~comes,
    }


def letter_inbox_cleared(s: Any, n: Term, g: Term) -> Ghost:
    """The inspector directory on `n` is emptied."""
    return {s.letter[g].inbox[n]: False}


def letter_dropped(s: Any, n: Term, g: Term) -> Ghost:
    """Logs and database on `n` are deleted."""
    return {s.letter[g].holds[n]: False, s.letter[g].inbox[n]: False}


def letter_cut(s: Any, n: Term, g: Term, upto: Term) -> Ghost:
    """What the stream on `n` holds after generation `upto` is discarded, and the inspector
    directory emptied.
    """
    letter = s.letter[g]
    stays = all_of(letter.at[n] != OPEN_LOG, letter.at[n] <= upto)
    return {letter.holds[n]: all_of(letter.holds[n], stays), letter.inbox[n]: False}


def letter_seeded(s: Any, n: Term, g: Term) -> Ghost:
    """`n` gets the database of its peer, as its closed logs are."""
    letter = s.letter[g]
    return {
        letter.holds[n]: all_of(letter.holds[peer(n)], letter.at[peer(n)] != OPEN_LOG),
        letter.at[n]: letter.at[peer(n)],
        letter.inbox[n]: False,
    }


def letter_chosen(s: Any, g: Term, m: Term) -> Ghost:
    """A lot is submitted; one of them, whichever the parameter says, is followed."""
    letter = s.letter[g]
    tracked = letter.submitted + 1 == s.p.tracked_mail
    return {
        letter.submitted: letter.submitted + 1,
        letter.mail: if_else(tracked, m, letter.mail),
    }
