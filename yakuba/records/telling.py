"""What was found in files of the standard, for people in their language and for programs as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yakuba.records.comparing import Comparison
from yakuba.records.duplicates import Duplicates, Pair
from yakuba.records.report import Finding, Report
from yakuba.words import ui

SHOWN = 50
"""Faults and differences of each kind that are printed; as JSON there are more."""
_COUNTS = ("old", "new", "same", "changed", "only_old", "only_new", "twice_old", "twice_new")


def report_json(report: Report, language: str) -> dict[str, Any]:
    """A report with all faults that it lists."""
    return {
        "group": report.group,
        "file": report.file,
        "sha256": report.sha256,
        "parts": [{"file": one.file, "sha256": one.sha256, "in": one.rows} for one in report.parts],
        "conforms": report.conforms,
        "refused": report.refused.get(language) if report.refused else None,
        "in": report.rows,
        "accepted": report.accepted,
        "held": report.held,
        "absent": list(report.absent),
        "kinds": report.kinds,
        "findings": [_finding_json(one, language) for one in report.findings],
        "looked": report.looked,
        "looks": [_finding_json(one, language) for one in report.looks],
    }


def _finding_json(one: Finding, language: str) -> dict[str, Any]:
    return {
        "file": one.file,
        "row": one.row,
        "id": one.item.id,
        "item": one.item.name,
        "kind": one.kind,
        "value": one.value,
        "say": one.text.get(language),
    }


def report_text(report: Report, language: str) -> str:
    """A report as lines: how many rows, then a line a fault."""
    where = {"group": report.group, "file": report.file}
    if report.refused:
        return ui("standard.refused", language, **where, why=report.refused.get(language))
    counts = {"rows": report.rows, "accepted": report.accepted, "held": report.held}
    lines = [
        ui("standard.counted", language, **where, **{name: f"{count:,}" for name, count in counts.items()})
    ]
    lines += _found(report.findings, report.kinds, report, language)
    if report.looked:
        lines.append("  " + ui("rules.look", language, count=f"{sum(report.looked.values()):,}"))
        lines += ["  " + line for line in _found(report.looks, report.looked, report, language)]
    return "\n".join(lines)


def _found(findings: Sequence[Finding], kinds: Mapping[str, int], report: Report, language: str) -> list[str]:
    plain = "standard.finding" if len(report.parts) == 1 else "standard.finding_in_part"
    lines = [
        "  "
        + ui(
            plain if one.row else "standard.finding_of_heading",
            language,
            file=one.file,
            row=one.row,
            item=one.item.name,
            value=one.value or "",
            say=one.text.get(language),
        )
        for one in findings[:SHOWN]
    ]
    if (more := sum(kinds.values()) - SHOWN) > 0:
        lines.append("  " + ui("standard.more", language, count=f"{more:,}"))
    return lines


def comparison_json(found: Comparison) -> dict[str, Any]:
    """A comparison with all differences that it lists."""
    return {
        "group": found.group,
        "sha256": list(found.sha256),
        "equal": found.equal,
        **{name: getattr(found, name) for name in _COUNTS},
        "items": found.items,
        "changes": [
            {"key": list(one.key), "id": one.item.id, "item": one.item.name, "old": one.old, "new": one.new}
            for one in found.changes
        ],
        "lost": [list(one) for one in found.lost],
        "come": [list(one) for one in found.come],
    }


def comparison_text(found: Comparison, language: str) -> str:
    """A comparison as lines: how many rows, which items how often, then a line a difference."""
    counts = {name: f"{getattr(found, name):,}" for name in _COUNTS}
    lines = [ui("standard.compared", language, group=found.group, **counts)]
    lines += [f"  {name}: {count:,}" for name, count in found.items.items()]
    lines += [
        f"  {' '.join(one.key)} {one.item.name}: {one.old or ''} → {one.new or ''}"
        for one in found.changes[:SHOWN]
    ]
    for key, rows in (("not_in_new", found.lost), ("not_in_old", found.come)):
        lines += ["  " + ui(f"standard.{key}", language, which=" ".join(row)) for row in rows[:SHOWN]]
    return "\n".join(lines)


def duplicates_json(found: Duplicates, language: str) -> dict[str, Any]:
    """People who may stand in a file twice, each pair with what speaks for it and against."""
    return {
        "group": found.group,
        "file": found.file,
        "sha256": found.sha256,
        "in": found.rows,
        "people": found.people,
        "threshold": found.threshold,
        "pairs": [
            {
                "rows": list(pair.rows),
                "numbers": list(pair.numbers),
                "probability": round(pair.probability, 6),
                "weight": round(pair.weight, 2),
                "certain": pair.certain,
                "why": [
                    {
                        "comparison": one.comparison,
                        "level": one.level,
                        "say": one.text.get(language),
                        "weight": round(one.weight, 2),
                        "values": [list(both) for both in one.values],
                    }
                    for one in pair.reasons
                ],
            }
            for pair in found.pairs
        ],
    }


def duplicates_text(found: Duplicates, language: str) -> str:
    """As lines: how many people and pairs, then a line a pair, the likeliest first."""
    counts = {"rows": f"{found.rows:,}", "people": f"{found.people:,}", "pairs": f"{len(found.pairs):,}"}
    where = {"group": found.group, "file": found.file, "threshold": found.threshold}
    lines = [ui("rules.duplicates", language, **where, **counts)]
    lines += ["  " + _pair_text(pair, language) for pair in found.pairs[:SHOWN]]
    if (more := len(found.pairs) - SHOWN) > 0:
        lines.append("  " + ui("standard.more", language, count=f"{more:,}"))
    return "\n".join(lines)


def _pair_text(pair: Pair, language: str) -> str:
    (first, second), (one, other) = pair.rows, pair.numbers
    likely = ui("rules.certain", language) if pair.certain else f"{pair.probability:.1%}"
    why = ", ".join(f"{reason.text.get(language)} {reason.weight:+.1f}" for reason in pair.reasons)
    return ui(
        "rules.pair", language, first=first, second=second, one=one, other=other, probability=likely, why=why
    )
