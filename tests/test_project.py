"""Rules of the whole repository, which no room can check for itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "uv.lock"
#: Put together here, so that this file does not name what it looks for.
REGISTRIES = tuple(
    name + "." + end
    for name, end in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("crates", "io"),
        ("proxy.golang", "org"),
    )
)
OLD_FILES = ROOT / "examples" / "legacy"
"""Its CSV files are written as old systems write: in other encodings, with errors on purpose."""
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/[\w.-]+")


def files() -> list[Path]:
    """What belongs to the project: what git keeps."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this copy of the project has no git history to list its files")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    """Path and text of every text file but the lock file, which uv writes, and those of old systems."""
    found = []
    for file in files():
        content = file.read_bytes()
        is_old = file.parent == OLD_FILES and file.suffix == ".csv"
        if file != LOCK and not is_old and b"\0" not in content:
            found.append((str(file.relative_to(ROOT)), content.decode("utf-8")))
    return found


def test_imports_point_downwards_only() -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def imports_when_running(tree: ast.AST) -> Iterator[str]:
    """The modules that a module really imports: what stands under `if TYPE_CHECKING` is only named as a type."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from imports_when_running(node)


def test_the_models_of_a_room_are_private_to_it() -> None:
    found = []
    for file in sorted((ROOT / "yakuba").rglob("*.py")):
        room = file.relative_to(ROOT / "yakuba").parts[0]
        text = file.read_text("utf-8")
        for module in imports_when_running(ast.parse(text)) if "models" in text else ():
            theirs = re.match(r"yakuba\.(\w+)\.models\b", module)
            if theirs and theirs[1] != room:
                found.append(f"{file.relative_to(ROOT)}: {module}")
    assert found == []


def test_nothing_is_left_to_do_in_the_code() -> None:
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    assert [path for path, text in texts() if marks.search(text)] == []


def test_no_file_names_a_package_registry_or_a_place_on_somebodys_machine() -> None:
    found = []
    for path, text in texts():
        found += [f"{path}: {host}" for host in REGISTRIES if host in text]
        found += [f"{path}: {place}" for place in MACHINE_PATH.findall(text)]
    assert found == []


def test_every_decision_says_its_status_and_why() -> None:
    pages = sorted(
        set((ROOT / "docs" / "decisions").glob("*.md")) - {ROOT / "docs" / "decisions" / "README.md"}
    )
    assert pages
    for page in pages:
        text = page.read_text("utf-8")
        assert re.search(r"^Status: (accepted|replaced by \[.+\]\(.+\))\b", text, re.MULTILINE), page.name
        for part in ("## Why", "## What follows", "## Looked at"):
            assert part in text, f"{page.name} lacks {part}"


def test_the_change_log_tells_about_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_the_licences_of_code_and_fonts_are_there() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
    fonts = ROOT / "yakuba" / "messages" / "letter" / "fonts"
    assert "SIL OPEN FONT LICENSE" in (fonts / "OFL.txt").read_text("utf-8")


def test_every_file_of_others_data_is_named_with_its_licence() -> None:
    page = (ROOT / "DATA.md").read_text("utf-8")
    suffixes = {".tsv", ".ttf", ".otf"}
    kept = [str(f.relative_to(ROOT)) for f in files() if f.suffix in suffixes]
    assert [path for path in kept if f"`{path}`" not in page] == []


def test_both_readmes_give_the_same_commands() -> None:
    commands = [
        re.findall(r"^(?:make|git|\.venv/bin)\b[^#\n]*", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        for name in ("README.md", "README.ja.md")
    ]
    assert commands[0] == commands[1] != []


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    described = re.findall(r"^([a-z]+):.*## .+$", text, re.MULTILINE)
    assert sorted(described) == sorted(phony.split())
