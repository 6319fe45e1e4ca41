"""What is read when the site starts."""

import os
import subprocess
import sys

HEAVY = ("pandas", "scipy", "splink", "pyspark", "opentelemetry")
"""Packages that few requests need: together they take more of a start than all of Django. The last is for who has a collector
(OTEL_*), and for nobody else."""


def test_no_process_that_serves_pages_reads_what_only_registers_need(tmp_path):
    asked = (
        "import sys; from yakuba.site.cli import main; import django; django.setup(); import yakuba.site.urls; "
        "from yakuba.site.telemetry import middleware, otlp; otlp.begin(); "
        f"print([one for one in {HEAVY!r} if one in sys.modules])"
    )
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True,
        env={**quiet, "DJANGO_SETTINGS_MODULE": "yakuba.site.settings", "YAKUBA_VAR": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
