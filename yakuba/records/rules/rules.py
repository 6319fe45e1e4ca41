"""All rules there are for the definitions at hand, and the one way to run them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from yakuba.conditions import Param
from yakuba.declare import yaml_files
from yakuba.records.rules import running
from yakuba.records.rules.errors import FaultyRules
from yakuba.records.rules.model import Place, RuleFile, Severity
from yakuba.records.rules.views import CompiledView, CrossRule, Groups, groups_of
from yakuba.records.standards import ROOT, Definition

FOLDER = "rules"
"""Where rules lie below `standards/` of the project, and below what a town brought in."""


@dataclass(frozen=True)
class Rules:
    """Rules ready to run. `unfit`: by id, why the definitions at hand cannot be asked."""

    views: Sequence[CompiledView]
    groups: Groups
    keys: Mapping[Place, list[str]]

    @classmethod
    def load(cls, definitions: Iterable[Definition], *roots: Path) -> Rules:
        """The rules of all files `ROOT/rules/*.yaml` for these definitions. `roots`: default the project's own. Raises
        FaultyRules."""
        definitions = list(definitions)
        groups = groups_of(definitions)
        keys = {
            (one.id, group): [item.romaji for item in items if item.key]
            for one in definitions
            for group, items in one.groups().items()
        }
        files = [file for root in roots or (ROOT,) for file in sorted((root / FOLDER).glob("*.yaml"))]
        views = [view for file in files for view in _views(file, groups)]
        ids = [rule for view in views for rule in view.view.rules]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise FaultyRules(f"Two rules are called {', '.join(twice)}: give one of them another name.")
        return cls(views, groups, keys)

    @property
    def rules(self) -> dict[str, CrossRule]:
        """By id, those that can be asked."""
        return {id_: rule for view in self.views for id_, rule in view.rules.items()}

    @property
    def unfit(self) -> dict[str, str]:
        """By id, why the others cannot."""
        return {id_: why for view in self.views for id_, why in view.unfit.items()}

    def asked(self, places: Iterable[Place]) -> list[CrossRule]:
        """The rules that look at nothing but these groups."""
        there = set(places)
        return [rule for rule in self.rules.values() if rule.over <= there]

    def needs(self, places: Iterable[Place]) -> dict[Place, set[str]]:
        """The items that the rules over these groups look at or point at."""
        found: dict[Place, set[str]] = {}
        asked = {rule.id for rule in self.asked(places)}
        for view in self.views:
            if chosen := [rule for rule in view.rules if rule in asked]:
                for (place, latest), items in view.needs(view.names(view.program(chosen))).items():
                    wanted = found.setdefault(place, set())
                    wanted |= items | (set(self.keys[place]) if latest else set())
                found[view.view.place] |= {view.rules[rule].at for rule in chosen}
        return found

    def run(
        self,
        con: duckdb.DuckDBPyConnection,
        tables: Mapping[Place, str],
        *,
        as_of: date,
        only: Iterable[str] | None = None,
    ) -> duckdb.DuckDBPyRelation:
        """What the rules find in tables of a connection, one for each (definition, group): `_row` and each item as text, null
        where nothing is known. Give all rows, held ones too with what could be read of them: who is left out is not there.

        Rules over groups that have no table are not asked (`asked` says which are). Returns lines of standard, group, _row, rule,
        item, value; they stay in the temporary table `rules_found`.
        """
        chosen = {rule.id for rule in self.asked(tables)} & set(self.rules if only is None else only)
        views = [(view, [rule for rule in view.rules if rule in chosen]) for view in self.views]
        return running.run(con, views, tables, self.groups, self.keys, as_of)

    def found(self, con: duckdb.DuckDBPyConnection, place: Place, severity: Severity) -> pa.Table:
        """After `run`: what was found in the rows of a group, as `_row`, item, kind (`rule:ID`), value."""
        chosen = [rule.id for rule in self.rules.values() if rule.severity == severity]
        return con.sql(
            f"select _row, item, 'rule:' || rule as kind, value from {running.FOUND} "
            'where standard = ? and "group" = ? and rule in (select unnest(?::varchar[]))',
            params=[*place, chosen],
        ).to_arrow_table()


def _views(file: Path, groups: Groups) -> list[CompiledView]:
    read = yaml_files.read(file, RuleFile, FaultyRules)
    params = {
        name: Param(name, "int", figure.values, source=figure.source) for name, figure in read.params.items()
    }
    return [CompiledView(name, view, params, groups) for name, view in read.views.items()]
