"""Why a table cannot be used, in words for who reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from yakuba.words import Text, ui_text


class DisparityError(Exception):
    """Refused; nothing was shown half. `text` says what, where and how to mend it."""

    def __init__(self, key: str, **values: object):
        self.text: Text = ui_text(f"disparity.{key}").format(**values)
        super().__init__(self.text.en)


class NoTable(DisparityError):
    """The published table is nowhere that it is looked for."""

    def __init__(self, places: Sequence[Path | str]):
        super().__init__("no_table", places="; ".join(map(str, places)))


class OtherColumns(DisparityError):
    """Columns are missing, mostly because the publisher has renamed them. `missing` to its nearest, `unknown`: the rest."""

    def __init__(self, file: Path, missing: Mapping[str, str], unknown: Sequence[str]):
        self.missing, self.unknown = dict(missing), tuple(unknown)
        named = "; ".join(f"{one} (→ {near} ?)" if near else one for one, near in missing.items())
        super().__init__("other_columns", file=file.name, missing=named, unknown="; ".join(unknown) or "–")


class BadTable(DisparityError):
    """A cell or a row of the table is not what its column says."""


class NoSuchTown(DisparityError):
    """The town stands in no row of the table."""
