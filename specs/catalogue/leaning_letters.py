"""What the proofs about mail lean on: in which streams the followed lot is.

The lemmas mirror those about the tracked record (`leaning_data`): a lot may be delivered more than
once, so each node has its own generation of it.
"""

from __future__ import annotations

from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_mail import OPEN_LOG, Mail, Stage
from models.language.model import LEMMA, property_for
from models.language.terms import NOBODY, all_of, any_of, implies, one_of, peer

from .data import attested, follows, prefix

lemma = property_for(SCHEMA)


def followed(s, g, m):
    """The operator's attestation holds, and this is the lot that the ghost follows."""
    return all_of(attested(s), s.letter[g].mail == m)


@lemma("L170", kind=LEMMA, source="design")
def letter_is_where_positions_say(s, n: Node, g: Group, m: Mail):
    """A lot in the open log makes it part-filled; one in a closed log is not beyond the newest; one
    in the inspector directory is not beyond what was copied.
    """
    a, letter = s.copy[n, g], s.letter[g]
    at, inbox_at = letter.at[n], letter.inbox_at[n]
    waiting = all_of(inbox_at > a.top, inbox_at <= a.copied, ~letter.holds[n])
    said = all_of(
        implies(all_of(letter.holds[n], at == OPEN_LOG), a.open_records > 0),
        implies(all_of(letter.holds[n], at != OPEN_LOG), at <= a.top),
        implies(letter.inbox[n], inbox_at >= 1),
        implies(all_of(letter.inbox[n], prefix(s, n, g)), waiting),
        implies(a.state == Copy.ACTIVE, ~letter.inbox[n]),
    )
    return implies(followed(s, g, m), said)


@lemma("L171", kind=LEMMA, source="design")
def follower_has_the_letter_it_passed(s, n: Node, g: Group, m: Mail):
    """A follower has the lot in the generation in which its source has it, where its positions say
    so.
    """
    a, letter = s.copy[n, g], s.letter[g]
    mine, theirs = letter.at[n], letter.at[peer(n)]
    closed = all_of(letter.holds[peer(n)], theirs != OPEN_LOG)
    return implies(
        all_of(followed(s, g, m), follows(s, n, g)),
        all_of(
            implies(letter.holds[n], all_of(closed, theirs == mine)),
            implies(
                letter.inbox[n],
                all_of(closed, theirs == letter.inbox_at[n], letter.inbox_at[n] > a.top),
            ),
            implies(all_of(closed, theirs <= a.top), letter.holds[n]),
            implies(all_of(closed, theirs > a.top, theirs <= a.copied), letter.inbox[n]),
        ),
    )


@lemma("L172", kind=LEMMA, source="design")
def fork_shares_the_letters_of_its_past(s, n: Node, g: Group, m: Mail):
    """Two copies, one forked from the other's stream, have the same lot up to the fork, as far as
    the older reaches.
    """
    a, b, letter = s.copy[n, g], s.copy[peer(n), g], s.letter[g]
    forked = all_of(
        b.parent == a.lineage,
        b.parent_by == a.lineage_by,
        b.active_epoch > a.active_epoch,
        ~one_of(a.state, Copy.SEEDING, Copy.FAILED),
    )
    mine, theirs = letter.at[n], letter.at[peer(n)]
    there = all_of(letter.holds[peer(n)], theirs != OPEN_LOG, theirs <= b.fork)
    healthy = prefix(s, n, g)
    return implies(
        all_of(followed(s, g, m), forked),
        all_of(
            implies(
                all_of(letter.holds[n], mine != OPEN_LOG, mine <= b.fork),
                all_of(there, theirs == mine),
            ),
            implies(all_of(there, theirs <= a.top), all_of(letter.holds[n], mine == theirs)),
            implies(
                all_of(healthy, letter.inbox[n], letter.inbox_at[n] <= b.fork),
                all_of(there, theirs == letter.inbox_at[n], letter.inbox_at[n] > a.top),
            ),
            implies(
                all_of(healthy, there, theirs > a.top, theirs <= a.copied),
                all_of(letter.inbox[n], letter.inbox_at[n] == theirs),
            ),
        ),
    )


@lemma("L182", kind=LEMMA, source="design")
def nobody_holds_what_nobody_follows(s, n: Node, g: Group):
    """As long as no lot is followed the ghost is nowhere."""
    letter = s.letter[g]
    at = letter.at[n]
    return all_of(
        any_of(at == OPEN_LOG, at >= 1) | (letter.mail == NOBODY),
        implies(letter.mail == NOBODY, all_of(at == OPEN_LOG, ~letter.holds[n], ~letter.inbox[n])),
    )


@lemma("L179", kind=LEMMA, source="design")
def mail_begins_once(s, g: Group, m: Mail):
    """A lot that was not submitted is nowhere and followed by nobody; the ghost follows the one
    that the parameter says, from its submission on.
    """
    mail, letter = s.mail[m], s.letter[g]
    return all_of(
        letter.submitted >= 0,
        implies(letter.submitted < s.p.tracked_mail, letter.mail == NOBODY),
        implies(letter.mail == NOBODY, ~letter.doubled),
        implies(
            mail.stage == Stage.NONE,
            all_of(mail.lineage == 0, mail.gone_in == 0, mail.group == NOBODY, letter.mail != m),
        ),
        implies(letter.mail == m, mail.group == g),
    )
