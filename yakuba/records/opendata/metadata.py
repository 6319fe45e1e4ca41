"""What catalogues and programs read of published datasets: CSV on the Web metadata beside each CSV file, and a DCAT catalogue.

Sources: W3C Metadata Vocabulary for Tabular Data (2015), W3C DCAT 3 (2024), DCAT-AP 3.0 (which classes and properties a
catalogue has at least), EU Vocabularies (data themes, file types).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

from yakuba.records.opendata.dataset import SUPPRESSED, Column, Kind
from yakuba.words import Text

LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDL-1.0": "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
}
"""Licences that a town may choose, by SPDX id (公共データ利用規約 has none), with their addresses."""
FORMATS = {"csv": "text/csv", "json": "application/json"}
_EU = "http://publications.europa.eu/resource/authority/"
_VCARD, _SPDX = Namespace("http://www.w3.org/2006/vcard/ns#"), Namespace("http://spdx.org/rdf/terms#")
_TYPES: Mapping[Kind, Any] = {
    "integer": {"base": "integer", "minimum": "0"},
    "count": {"base": "integer", "minimum": "0"},
    "number": "decimal",
    "latitude": {"base": "decimal", "minimum": "-90", "maximum": "90"},
    "longitude": {"base": "decimal", "minimum": "-180", "maximum": "180"},
    "date": {"base": "date", "format": "yyyy-MM-dd"},
    "month": "gYearMonth",
    "url": "anyURI",
}


@dataclass(frozen=True, slots=True)
class Publisher:
    """The town as catalogues name it. `home`: the address of its catalogue, ending with a slash."""

    code: str
    name: str
    contact: str
    home: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Edition:
    """A published version of a dataset. `version` names it; `modified`: when it was published; `sizes` and `sums` (SHA-256) of
    its files by format."""

    dataset: str
    name: Text
    theme: str
    version: str
    modified: datetime
    issued: datetime
    licence: str
    source: str
    specification: str
    rows: int
    sizes: Mapping[str, int]
    sums: Mapping[str, str]


def csvw(edition: Edition, columns: Sequence[Column], publisher: Publisher) -> dict[str, Any]:
    """Metadata of the CSV file, to be served as `ID.csv-metadata.json` beside it."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "ja"}],
        "@id": f"{publisher.home}{edition.dataset}.csv",
        "url": f"{edition.dataset}.csv",
        "dc:title": edition.name.ja,
        "dc:publisher": publisher.name,
        "dc:license": {"@id": LICENCES[edition.licence]},
        "dc:modified": {"@value": edition.modified.date().isoformat(), "@type": "xsd:date"},
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n", "\n"]},
        "tableSchema": {
            "columns": [_column(one) for one in columns],
            "primaryKey": [_name(one.name) for one in columns if one.key and one.required],
        },
    }


def _column(one: Column) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": _name(one.name),
        "titles": one.name,
        "datatype": _TYPES.get(one.kind, "string"),
    }
    if one.kind == "count":
        found["null"] = ["", SUPPRESSED]
    elif one.required:
        found["required"] = True
    return found


def _name(title: str) -> str:
    """The name that the standard derives from a title: percent-encoded."""
    return quote(title, safe="").replace("-", "%2D").replace("~", "%7E")


def catalogue(publisher: Publisher, editions: Sequence[Edition]) -> Graph:
    """The catalogue of a town with all its datasets, as RDF."""
    graph = Graph()
    for prefix, name in (
        ("dcat", DCAT),
        ("dct", DCTERMS),
        ("foaf", FOAF),
        ("vcard", _VCARD),
        ("spdx", _SPDX),
    ):
        graph.bind(prefix, name)
    home, agent, contact = URIRef(publisher.home), _agent(graph, publisher), _contact(graph, publisher)
    title = Text(ja="オープンデータ", easy="データ", en="Open data")
    _say(graph, home, DCTERMS.title, title)
    _say(graph, home, DCTERMS.description, _description(publisher, title))
    graph.add((home, RDF.type, DCAT.Catalog))
    graph.add((home, DCTERMS.publisher, agent))
    graph.add((home, DCTERMS.language, URIRef(f"{_EU}language/JPN")))
    graph.add((home, FOAF.homepage, home))
    if editions:
        graph.add((home, DCTERMS.modified, _at(max(one.modified for one in editions))))
    for one in editions:
        dataset = _dataset(graph, publisher, one)
        graph.add((home, DCAT.dataset, dataset))
        graph.add((dataset, DCTERMS.publisher, agent))
        graph.add((dataset, DCAT.contactPoint, contact))
    return graph


def _agent(graph: Graph, publisher: Publisher) -> URIRef:
    agent = URIRef(f"{publisher.home}#publisher")
    graph.add((agent, RDF.type, FOAF.Agent))
    graph.add((agent, RDF.type, FOAF.Organization))
    graph.add((agent, FOAF.name, Literal(publisher.name, lang="ja")))
    graph.add((agent, DCTERMS.identifier, Literal(publisher.code)))
    return agent


def _contact(graph: Graph, publisher: Publisher) -> URIRef:
    contact = URIRef(f"{publisher.home}#contact")
    graph.add((contact, RDF.type, _VCARD.Organization))
    graph.add((contact, _VCARD.fn, Literal(publisher.name, lang="ja")))
    graph.add((contact, _VCARD.note, Literal(publisher.contact, lang="ja")))
    return contact


def _dataset(graph: Graph, publisher: Publisher, one: Edition) -> URIRef:
    dataset = URIRef(f"{publisher.home}{one.dataset}/")
    graph.add((dataset, RDF.type, DCAT.Dataset))
    _say(graph, dataset, DCTERMS.title, one.name)
    _say(graph, dataset, DCTERMS.description, _description(publisher, one.name))
    for value, what in (
        (DCTERMS.identifier, Literal(f"{publisher.code}/{one.dataset}")),
        (DCTERMS.issued, _at(one.issued)),
        (DCTERMS.modified, _at(one.modified)),
        (DCTERMS.source, Literal(one.source, lang="ja")),
        (DCTERMS.conformsTo, _standard(graph, publisher, one)),
        (URIRef(f"{DCAT}version"), Literal(one.version)),
        (DCAT.theme, URIRef(f"{_EU}data-theme/{one.theme}")),
        (DCAT.landingPage, dataset),
        (DCTERMS.language, URIRef(f"{_EU}language/JPN")),
    ):
        graph.add((dataset, value, what))
    for kind in FORMATS:
        graph.add((dataset, DCAT.distribution, _distribution(graph, publisher, one, kind)))
    return dataset


def _standard(graph: Graph, publisher: Publisher, one: Edition) -> URIRef:
    standard = URIRef(f"{publisher.home}{one.dataset}/#specification")
    graph.add((standard, RDF.type, DCTERMS.Standard))
    graph.add((standard, DCTERMS.title, Literal(one.specification, lang="ja")))
    return standard


def _distribution(graph: Graph, publisher: Publisher, one: Edition, kind: str) -> URIRef:
    address = URIRef(f"{publisher.home}{one.dataset}.{kind}")
    checksum = URIRef(f"{address}#checksum")
    graph.add((checksum, RDF.type, _SPDX.Checksum))
    graph.add((checksum, _SPDX.algorithm, _SPDX.checksumAlgorithm_sha256))
    graph.add((checksum, _SPDX.checksumValue, Literal(one.sums[kind], datatype=XSD.hexBinary)))
    for value, what in (
        (RDF.type, DCAT.Distribution),
        (DCTERMS.title, Literal(f"{one.name.ja} ({kind.upper()})", lang="ja")),
        (DCTERMS.license, URIRef(LICENCES[one.licence])),
        (DCTERMS.modified, _at(one.modified)),
        (DCTERMS["format"], URIRef(f"{_EU}file-type/{kind.upper()}")),
        (DCAT.accessURL, address),
        (DCAT.downloadURL, URIRef(f"{publisher.home}{one.dataset}/{one.version}.{kind}")),
        (DCAT.mediaType, URIRef(f"https://www.iana.org/assignments/media-types/{FORMATS[kind]}")),
        (DCAT.byteSize, Literal(one.sizes[kind], datatype=XSD.nonNegativeInteger)),
        (_SPDX.checksum, checksum),
    ):
        graph.add((address, value, what))
    return address


def _description(publisher: Publisher, title: Text) -> Text:
    if not publisher.synthetic:
        return title
    return Text(
        ja=f"{title.ja}（架空の町のデータ）",
        easy=title.easy,
        en=f"{title.en} (a made-up town: nothing is real)",
    )


def _say(graph: Graph, about: URIRef, what: URIRef, text: Text) -> None:
    graph.add((about, what, Literal(text.ja, lang="ja")))
    graph.add((about, what, Literal(text.en, lang="en")))


def _at(moment: datetime) -> Literal:
    return Literal(moment.isoformat(timespec="seconds"), datatype=XSD.dateTime)
