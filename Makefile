# Fieldline: the verbs that work on a fresh clone. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo up test test-long check format bench
export UV_PYTHON_DOWNLOADS = never
SYNCED := .venv/.synced
# Tests side by side, each process with a stack of its own. Calls in real time have the machine to themselves.
AT_ONCE ?= 2
REAL_TIME := room or browser or sip or long
# Set-up steps that bring a program from PyPI find uv here.
RUN = UV="$$(.ci/bring-uv)" .venv/bin
# SQL, docs and the console's scripts are checked by tests that need nothing running, or only the database.
CHECKS := tests/test_layout.py tests/test_env_example.py tests/test_docs.py tests/test_line_functions_page.py \
	tests/test_database_files.py tests/test_compose.py tests/test_scripts.py

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(SYNCED) ## Real calls on a scratch database, live transcript, rows that changed
	@$(RUN)/fieldline demo

up: $(SYNCED) ## The whole stack on this machine, until Ctrl-C
	@$(RUN)/fieldline up

test: $(SYNCED) ## All tests; what this machine lacks is skipped with the reason
	@status=0; \
	for pass in '-n $(AT_ONCE) --dist loadfile -m "not ($(REAL_TIME))"' '-m "($(REAL_TIME)) and not long" --durations=10'; do \
	  eval "$(RUN)/pytest $$pass $(ARGS)" || { code=$$?; [ $$code -eq 5 ] || status=$$code; }; \
	done; exit $$status  # 5: nothing to run in this pass

test-long: $(SYNCED) ## Calls that take minutes: providers that fail in them, workers that come and go
	@$(RUN)/pytest -m long $(ARGS)

check: $(SYNCED) ## Lint, format, types, SQL, scripts and docs; changes nothing
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/pyright
	@$(RUN)/pytest -q $(CHECKS)

format: $(SYNCED) ## Format and mend what can be mended
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	@$(RUN)/python -m tests.support.biome check --write

bench: $(SYNCED) ## The measured figures, beside a baseline in the same run (10 minutes)
	@$(RUN)/fieldline bench turns --short
	@$(RUN)/fieldline bench load --short
	@$(RUN)/fieldline bench tools
	@$(RUN)/fieldline bench start

$(SYNCED): pyproject.toml uv.lock .ci/bring-uv
	@uv="$$(.ci/bring-uv)" && "$$uv" sync --frozen --quiet && touch $@
