"""Estimate how much each likeness of two rows says (`m` and `u` of yakuba/records/duplicates.yaml) on a made-up register.

    python -m data.matching.train

splink counts: u over random pairs, m over the pairs that are known to be one person. What is `fixed` in the file stays as it is.
The seed is another than those of the tests and the benchmark.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
from ruamel.yaml import YAML

from bench.twice import Planted, planted
from yakuba.records import duplicates

SEED, PEOPLE = 7, 20_000
RANDOM_PAIRS = 5e6
ODD = 0.01
"""Of pairs of one person, those that are odd in a way that nothing planted is: spread over all levels."""
RAREST = 1e-7
"""The least u: a likeness that no random pair had may still happen."""

NOT_COUNTED = 1e-15
_SHARES = ("m_probability", "u_probability")


def main() -> None:
    """Write the file anew."""
    yaml = YAML()
    yaml.width = 200
    yaml.indent(mapping=2, sequence=4, offset=2)
    written = yaml.load(duplicates.MODEL)
    for name, levels in estimated(planted(PEOPLE, SEED)).items():
        if not written["comparisons"][name].get("fixed"):
            fill(written["comparisons"][name]["levels"], levels)
    with duplicates.MODEL.open("w", encoding="utf-8") as file:
        yaml.dump(written, file)


def estimated(made: Planted) -> dict[str, dict[str, tuple[float, float]]]:
    """By comparison and level, m and u as splink counts them; next to nothing where nothing was counted."""
    declared = duplicates.model()
    with duckdb.connect(":memory:") as con:
        columns = {
            name: pa.array([row[name] or None for row in made.rows], pa.string()) for name in made.rows[0]
        }
        con.register(
            "rows", pa.table({"_row": pa.array(range(1, len(made.rows) + 1), pa.int64()), **columns})
        )
        duplicates.prepare(con, "rows", columns, ["atenabango", "rirekibango"])
        pairs = pa.table({
            "source_dataset_l": ["people"] * len(made.twice),
            "unique_id_l": [first for first, _ in made.twice],
            "source_dataset_r": ["people"] * len(made.twice),
            "unique_id_r": [second for _, second in made.twice],
        })  # fmt: skip
        con.register("labels", pairs)
        wanted = duplicates.settings(declared, len(made.rows))
        for comparison in wanted["comparisons"]:
            for level in comparison["comparison_levels"]:  # what splink does not count would stay
                level |= {} if level.get("is_null_level") else dict.fromkeys(_SHARES, NOT_COUNTED)
        linker = duplicates.linked(con, wanted)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=RANDOM_PAIRS, seed=SEED, min_count_per_level=None, num_chunks=1
        )
        linker.training.estimate_m_from_pairwise_labels("labels")
        return {
            one["output_column_name"]: _counted(one)
            for one in linker.misc.save_model_to_json()["comparisons"]
        }


def _counted(comparison: dict[str, Any]) -> dict[str, tuple[float, float]]:
    return {
        level["label_for_charts"]: (level["m_probability"], level["u_probability"])
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    }


def fill(levels: Any, counted: dict[str, tuple[float, float]]) -> None:
    """Put what was counted into the levels of a comparison; together the m make 1."""
    kept = sum(level["m"] for level in levels.values() if level.get("fixed"))
    free = [name for name, level in levels.items() if not level.get("fixed")]
    total = sum(counted[name][0] for name in free)
    for name in free:
        share = counted[name][0] / total * (1 - ODD) + ODD / len(free)
        levels[name]["m"] = _written(share * (1 - kept))
    for name, level in levels.items():
        level["u"] = _written(max(counted[name][1], RAREST))


def _written(share: float) -> float:
    return float(f"{min(share, 0.9999):.3g}")


if __name__ == "__main__":
    main()
