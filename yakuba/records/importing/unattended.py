"""An import that nobody looks at while it runs: files of one source into the folder that a town takes in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from yakuba.records.addresses import FaultyBase
from yakuba.records.importing import writing
from yakuba.records.importing.bring import bring_in
from yakuba.records.importing.mapping import FaultyMapping, mappings
from yakuba.records.rules import FaultyRules
from yakuba.records.values.encodings import Refused
from yakuba.records.versions import in_use, rules_in_use
from yakuba.words import Text


def bring_folder(files: Sequence[Path], mapping: Path, out: Path, as_of: date) -> Path:
    """Bring files in by one mapping; the folder below `out` with what came of them. Raises Refused: a file that cannot be read
    as a whole, a mapping or a rule that is faulty; nothing is to be taken in then."""
    try:
        known = mappings([mapping], in_use)
        brought = bring_in(files, known, in_use, as_of=as_of, rules=rules_in_use(), match=True)
    except (FaultyMapping, FaultyBase, FaultyRules) as error:
        raise Refused(Text.same(str(error))) from error
    try:
        for file in brought.files:
            if file.refused:
                raise Refused(file.refused)
        writing.write(brought, out)
    finally:
        brought.close()
    return out / known[0].mapping.standard
