# `make help` lists what can be made. Everything is installed into .venv; nothing else on the machine is changed,
# but for system packages that the tests need and that are missing (see bin/setup).

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench sbom

READY := .venv/.yakuba-ready
# One more than cores: while a test waits for a page or the database, another works. More than four only wait for the database.
PROCESSES := $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 3 ] && echo 4 || echo $$((n + 1)))

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

setup: $(READY) ## Install everything; the command line is then .venv/bin/yakuba

$(READY): pyproject.toml uv.lock bin/setup
	@bin/setup

run: setup ## Make a demo town, play a day in it and serve it on port 8000
	@.venv/bin/yakuba run

test: setup ## Run all tests; prints the slowest
	@.venv/bin/pytest -n $(PROCESSES) --dist loadscope --durations 15

check: setup ## Lint, format, types, import contract, declared services
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/yakuba check

bench: ## Measure beside a peer or a limit; fails when a limit is missed
	@bin/setup --group bench
	@.venv/bin/python -m bench.run

sbom: setup ## Write sbom.json: every component with its version and digests (CycloneDX 1.5)
	@uv=$$(command -v uv || echo .uv/bin/uv); $$uv export --quiet --frozen --no-dev --all-extras --format cyclonedx1.5 --output-file sbom.json
