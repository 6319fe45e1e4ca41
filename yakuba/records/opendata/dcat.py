"""The catalogue of a town's datasets as DCAT. A module of its own, for whoever makes a catalogue: rdflib takes long to load.

Sources: W3C DCAT 3 (2024), DCAT-AP 3.0 (which classes and properties a catalogue has at least), EU Vocabularies (data themes, file
types).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

from yakuba.records.opendata.metadata import FORMATS, LICENCES, Edition, Publisher
from yakuba.words import Text

_EU = "http://publications.europa.eu/resource/authority/"
_VCARD, _SPDX = Namespace("http://www.w3.org/2006/vcard/ns#"), Namespace("http://spdx.org/rdf/terms#")


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
