"""Loaded before Django reads its settings (`-p tests.server`): tests have data and keys of their own."""

import gc
import os
from pathlib import Path

VAR = Path(__file__).resolve().parents[1] / "var" / "test"
os.environ["YAKUBA_VAR"] = str(VAR)
os.environ["YAKUBA_MEANING"] = (
    "0"  # no process of the model for each test process; tests/assistant/answering has its own
)
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    # Tests start some hundred processes, each of which would compile everything that it imports: 3 s of work for 0.
    os.environ["PYTHONPYCACHEPREFIX"] = str(VAR / "compiled")
# Nobody outside is called in tests; reading the certificates of all authorities took each client 25 ms.
os.environ["SSL_CERT_DIR"] = str(VAR / "authorities")
# No test finds the published table of municipalities by chance; those that want it say so.
os.environ["YAKUBA_PROGRESS_DATA"] = str(VAR / "progress")

# What is looked through for garbage grows with all that was ever read: left to its usual limits that was a twelfth of all the work.
gc.set_threshold(200_000, 50, 1_000)


def pytest_collection_finish() -> None:
    """Everything that was read until here stays: nobody looks for garbage in it again."""
    gc.collect()
    gc.freeze()
