"""Loaded before Django reads its settings (`-p tests.server`): tests have data and keys of their own."""

import os
from pathlib import Path

VAR = Path(__file__).resolve().parents[1] / "var" / "test"
os.environ["YAKUBA_VAR"] = str(VAR)
