"""Make `yakuba/money/banks.tsv` from the bank and branch lists of the zengin-code project (MIT).

    python data/zengin/build_banks.py FOLDER     # FOLDER holds banks.json and branches_all.json

One line per bank: code, name, kana, then its branches as `code|name|kana`, all tab-separated and
sorted by code. Branches of banks that are not listed belong to institutions that no longer exist
and are left out.
"""

import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[2] / "yakuba" / "money" / "banks.tsv"


def lines(banks: dict, branches: dict) -> list[str]:
    """The lines of the table."""
    made = []
    for code, bank in sorted(banks.items()):
        offices = sorted(branches.get(code, {}).items())
        cells = ["|".join((number, office["name"], office["kana"])) for number, office in offices]
        made.append("\t".join([code, bank["name"], bank["kana"], *cells]))
    return made


def main(folder: Path) -> None:
    banks = json.loads((folder / "banks.json").read_text(encoding="utf-8"))
    branches = json.loads((folder / "branches_all.json").read_text(encoding="utf-8"))
    made = lines(banks, branches)
    TARGET.write_text("\n".join(made) + "\n", encoding="utf-8")
    print(f"{len(made)} banks, {sum(line.count('|') for line in made) // 2} branches -> {TARGET}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
