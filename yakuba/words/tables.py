"""Our own tables of words, read by libyaml: ruamel takes a dozen times as long, and every process that says anything reads
sixty of them before its first word."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml


class _Texts(yaml.CBaseLoader):
    """Whatever is written is a text: `no`, `on` and `2026-04-01` are words here."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A key that stands twice is refused: one of its texts would be lost."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"“{key.value}” is a duplicate key", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read(file: Path) -> dict[str, Any]:
    """A file of texts by key, nested or not; an empty file has none. Raises yaml.YAMLError with the line."""
    with file.open(encoding="utf-8") as text:
        return yaml.load(text, _Texts) or {}
