"""docs/cross-checks.md lists the rules there are, and its example is a file of rules."""

from __future__ import annotations

import re
from pathlib import Path

from yakuba.records.rules import CrossRule, Rules
from yakuba.records.standards import definitions

PAGE = Path(__file__).parents[2] / "docs" / "cross-checks.md"


def row(rule: CrossRule) -> str:
    cells = (f"`{rule.id}`", "/".join(rule.place), rule.severity, rule.name.en, rule.source)
    return f"| {' | '.join(cells)} |"


def test_the_page_lists_every_rule_and_no_other() -> None:
    rules = Rules.load(versions[0] for versions in definitions().values())
    now = [row(rule) for rule in rules.rules.values()]
    written = [
        line for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| `[a-z0-9-]+` \| .*/", line)
    ]
    assert written == now, "docs/cross-checks.md is out of date; its rows should be:\n" + "\n".join(now)


def test_the_example_of_the_page_is_a_rule_that_can_be_asked(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yaml").write_text(example, "utf-8")
    rules = Rules.load((versions[0] for versions in definitions().values()), tmp_path)
    assert rules.unfit == {}
    assert list(rules.rules) == ["child-without-a-grown-up"]
