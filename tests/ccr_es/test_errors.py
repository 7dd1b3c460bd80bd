"""The list of errors: numbers that never change, exit codes by class, one line each."""

from __future__ import annotations

from ccr_es import errors
from ccr_es.errors import REFUSED, UNUSABLE, USAGE, CcrError

PINNED = {
    "CCR101": ("StoreMissing", UNUSABLE),
    "CCR102": ("StoreNotOurs", UNUSABLE),
    "CCR103": ("StoreLocked", UNUSABLE),
    "CCR104": ("StoreReadOnly", UNUSABLE),
    "CCR105": ("DiskFull", UNUSABLE),
    "CCR106": ("StoreVersion", UNUSABLE),
    "CCR107": ("StoreDamaged", UNUSABLE),
    "CCR108": ("StoreFailed", UNUSABLE),
    "CCR109": ("ServerUnreachable", UNUSABLE),
    "CCR110": ("ClusterUnknown", USAGE),
    "CCR111": ("ClusterNotNamed", USAGE),
    "CCR112": ("ClusterExists", REFUSED),
    "CCR121": ("UnknownRule", USAGE),
    "CCR122": ("BadArgument", USAGE),
    "CCR123": ("Conflict", REFUSED),
    "CCR124": ("ConflictPersists", REFUSED),
    "CCR130": ("PointMalformed", USAGE),
    "CCR131": ("PointNotFound", USAGE),
    "CCR140": ("ChainBroken", UNUSABLE),
    "CCR141": ("LogTruncated", UNUSABLE),
    "CCR142": ("ForeignSchema", UNUSABLE),
    "CCR143": ("UnknownEvent", UNUSABLE),
    "CCR144": ("ModelMissing", UNUSABLE),
    "CCR145": ("ModelUnreadable", UNUSABLE),
    "CCR146": ("EventMalformed", UNUSABLE),
    "CCR147": ("ModelMismatch", UNUSABLE),
    "CCR150": ("LineMalformed", UNUSABLE),
    "CCR151": ("FileUnreadable", UNUSABLE),
    "CCR160": ("BadConfig", USAGE),
    "CCR170": ("RecordMalformed", UNUSABLE),
    "CCR171": ("RecordContradicts", UNUSABLE),
    "CCR172": ("BadLead", USAGE),
}


def kinds() -> list[type[CcrError]]:
    """The errors of this layer, in the order of the file."""
    found = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, CcrError)]
    return [k for k in found if k is not CcrError]


def test_the_numbers_are_pinned() -> None:
    assert {k.code: (k.__name__, k.exit_code) for k in kinds()} == PINNED


def test_the_numbers_stand_in_order() -> None:
    codes = [k.code for k in kinds()]
    assert codes == sorted(codes)


def test_every_error_says_what_it_means() -> None:
    assert all(len(k.__doc__ or "") > 20 for k in kinds())


def test_an_error_is_one_line_what_and_then_what_to_do() -> None:
    error = errors.StoreMissing("there is no store at x", "Create a cluster first")
    assert str(error) == "there is no store at x. Create a cluster first."
    assert str(errors.StoreMissing("there is no store at x")) == "there is no store at x."
    assert (error.message, error.hint) == ("there is no store at x", "Create a cluster first")
