"""Proposals for a mapping: which column of an old file is likely to be which item of the standard, how sure that is, and why.

A proposal is for a person to read. It says `confirmed: false`, with which no import takes it.
"""

from yakuba.records.importing.proposing.choosing import SURE, Proposal, Proposed, propose
from yakuba.records.importing.proposing.written import as_json, as_yaml

__all__ = ["SURE", "Proposal", "Proposed", "as_json", "as_yaml", "propose"]
