# Everything runs in .venv, made from requirements.lock. README names the two targets a newcomer needs.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.11 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
BIN := .venv/bin
PIP_TOOLS := pip-tools==7.6.2

.PHONY: help environment demo test slow recheck mutants lint format bench docs lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

environment:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; run: apt-get install python3" >&2; exit 1; }
	@$(PYTHON) .ci/environment.py

demo: environment ## the story of a failover, then a real incident, audited
	$(BIN)/ccr demo

test: environment ## the default tests
	$(BIN)/pytest -n 2 --dist worksteal

slow: environment ## the tests that take longer
	$(BIN)/pytest -n 2 --dist worksteal -m slow

recheck: environment ## the whole proof, checked again by cvc5
	$(BIN)/ccr verify --recheck --solver cvc5

mutants: environment ## what notices each mutant of the model, asked where something changed
	$(BIN)/python -m tests.house.mutants

lint: environment ## ruff, mypy, layers and house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/house/test_layers.py tests/house/test_tidy.py

format: environment ## put the code into the house layout
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: environment ## append and replay against raw sqlite3, the prover against bare z3, a large store
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.proof
	$(BIN)/python -m tests.bench.partial
	$(BIN)/python -m tests.bench.simulating
	$(BIN)/python -m tests.bench.scale
	$(BIN)/python -m tests.bench.auditing

docs: environment ## write the generated references again
	$(BIN)/python -m tests.house.references
	$(BIN)/python -m tests.house.traceability

# The lock must name public wheels only, whatever indexes this machine has configured.
lock: environment ## resolve the pins of pyproject.toml again
	$(BIN)/python -m venv .venv/lock
	env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_INDEX_URL PIP_CONFIG_FILE=/dev/null \
		sh -c '\
		.venv/lock/bin/pip install --quiet $(PIP_TOOLS) && \
		CUSTOM_COMPILE_COMMAND="make lock" .venv/lock/bin/pip-compile --quiet --generate-hashes \
		--allow-unsafe --extra test --extra dev --strip-extras --no-emit-index-url \
		--no-emit-find-links --output-file requirements.lock pyproject.toml'

clean: ## remove what can be made again
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
