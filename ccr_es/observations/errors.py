"""What can go wrong with a mapping, with choosing one, and with what is assumed of clocks.

Numbered on from the engine's list; a number is never reused. Sits beside `kinds`.
"""

from __future__ import annotations

from ccr_es.errors import USAGE, CcrError


class MappingMalformed(CcrError):
    """A mapping file is not TOML, or not in the mapping language.

    The message names the file, the line and the key. `ccr explain mapping` describes the language.
    """

    code = "CCR230"


class NoMappingFits(CcrError):
    """A record of another system that none of the shipped mappings reads.

    The message names the mapping that comes nearest and where it fails. Write a mapping
    (`ccr explain mapping`) and name it with --mapping.
    """

    code = "CCR231"


class MappingsFit(CcrError):
    """Several shipped mappings read a record, so which one is meant cannot be told.

    Name one of them with --mapping.
    """

    code = "CCR232"
    exit_code = USAGE


class MappingUnknown(CcrError):
    """There is no shipped mapping of this name. `ccr audit --mappings` lists them."""

    code = "CCR233"
    exit_code = USAGE


class BadClockBound(CcrError):
    """A bound on the clocks, --drift or --skew-max, is not a number that a clock can have."""

    code = "CCR234"
    exit_code = USAGE
