"""What is read when the site starts."""

import subprocess
import sys

HEAVY = ("pandas", "scipy", "splink", "pyspark")
"""Packages that few requests need: together they take more of a start than all of Django."""


def test_no_process_that_serves_pages_reads_what_only_registers_need(tmp_path):
    asked = (
        "import sys; from yakuba.site.cli import main; import django; django.setup(); import yakuba.site.urls; "
        f"print([one for one in {HEAVY!r} if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True,
        env={"DJANGO_SETTINGS_MODULE": "yakuba.site.settings", "PATH": "", "YAKUBA_VAR": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
