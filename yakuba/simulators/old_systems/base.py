"""The made-up town's file of the address base (アドレス・ベース・レジストリ 町字マスター), in the official layout of columns."""

from __future__ import annotations

import csv
import io

from yakuba.register.synthetic import POSTAL_CODES_FROM, QUARTERS
from yakuba.simulators.old_systems.town import CODE, TOWNS

_COLUMNS = (
    "lg_code", "machiaza_id", "machiaza_type", "pref", "pref_kana", "pref_roma", "county", "county_kana", "county_roma", "city",
    "city_kana", "city_roma", "ward", "ward_kana", "ward_roma", "oaza_cho", "oaza_cho_kana", "oaza_cho_roma", "chome",
    "chome_kana", "chome_number", "koaza", "koaza_kana", "koaza_roma", "machiaza_dist", "rsdt_addr_flg", "rsdt_addr_mtd_code",
    "oaza_cho_aka_flg", "koaza_aka_code", "oaza_cho_gsi_uncmn", "koaza_gsi_uncmn", "status_flg", "wake_num_flg", "efct_date",
    "ablt_date", "src_code", "post_code", "remarks",
)  # fmt: skip


def town_file() -> bytes:
    """One row for each quarter."""
    written = io.StringIO()
    rows = csv.DictWriter(written, _COLUMNS, restval="", lineterminator="\n")
    rows.writeheader()
    for number, quarter in enumerate(QUARTERS):
        rows.writerow(
            {
                "lg_code": CODE, "machiaza_id": TOWNS[quarter], "machiaza_type": "1", "pref": "高知県", "pref_kana": "コウチケン",
                "pref_roma": "Kochi", "city": "山あい町", "city_kana": "ヤマアイチョウ", "city_roma": "Yamaai-cho",
                "oaza_cho": quarter, "rsdt_addr_flg": "0", "koaza_aka_code": "0", "status_flg": "1", "efct_date": "1947-04-17",
                "src_code": "0", "post_code": str(POSTAL_CODES_FROM + number), "remarks": "架空",
            }
        )  # fmt: skip
    return written.getvalue().encode()
