# `make run` serves, `make test` tests, `make check` reads the code. All three make .venv first.
# `make test-all` is `make test` and what tests/slow.toml has it leave out.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: run test test-all check conformance drawings conformance-mutants properties simulate simulate-mutants examples examples-js schemathesis bench autobahn soak fuzz clean lock bench-lock

run: $(VENV)/.run
	exec $(BIN)/trichat serve $(ARGS)

# A file's tests go to one process, since they may share what the file has set up.
PROCESSES ?= 2
PYTEST := $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile
TOOLS := $(VENV)/.dev examples/node_modules/.installed tests/asyncapi/node_modules/.installed

# Python compiles what it imports once, and not in each process that a test starts.
test test-all: export PYTHONDONTWRITEBYTECODE =

test: $(TOOLS)
	$(PYTEST) -m "not slow" $(ARGS)
	@echo "make test-all runs what tests/slow.toml names, too."

test-all: $(TOOLS)
	$(PYTEST) --seconds $(ARGS)

# Every promise, its tests and what they show: printed, and written to docs/conformance.md.
conformance: $(VENV)/.dev examples/node_modules/.installed
	$(BIN)/python -m pytest -p tests.conformance.plugin --conformance docs/conformance.md $(ARGS)

# The states of a subscription in docs/architecture.md, from the code's own tables.
drawings: $(VENV)/.dev
	$(BIN)/python -m tests.drawings.states

# Break what is behind the promises, a little at a time, and see that their tests notice.
conformance-mutants: $(VENV)/.dev
	$(BIN)/python -m tests.conformance.mutants $(ARGS)

# A longer run than the test's: whatever /openapi.json allows and forbids is asked.
schemathesis: $(VENV)/.dev
	$(BIN)/python -m tests.web.thesis --max-examples 100 $(ARGS)

# trichat and its peers under the same load: docs/performance.md. ARGS="--help" says what can be left out.
bench: $(VENV)/.run
	$(BIN)/python -m bench $(ARGS)

# A longer run than the test's, and another one every time: whatever may arrive, arrives.
properties: $(VENV)/.dev
	$(BIN)/python -m pytest --hypothesis-profile=long tests/properties $(ARGS)

# The whole server in one process against simulated clients, network and disk: SEEDS=10000 for a
# long run, ARGS="--seed 17" for the trace of one.
SEEDS ?= 1000
simulate: $(VENV)/.dev
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) $(ARGS)

# Break the server on purpose and see how many seeds it takes until an invariant notices.
simulate-mutants: $(VENV)/.dev
	$(BIN)/python -m tests.simulation.mutants $(ARGS)

# The Autobahn suite against the links, plain and TLS, deflate off and on: docs/wire.md. It wants a
# Python 2.7, with or without pip; ARGS="--cases '1.*' '7.*'" for less than everything.
PYTHON2 ?= python2.7
SUITE := tests/compliance/.suite
autobahn: $(VENV)/.dev $(SUITE)/.installed
	$(BIN)/python -m tests.compliance.autobahn --python2 $(PYTHON2) --suite $(SUITE) --reports $(SUITE)/reports $(ARGS)

# Python 2.7's pip comes by ours: who still has the one seldom has the other.
$(SUITE)/.installed: tests/compliance/requirements.txt tests/compliance/pip.txt | $(VENV)/.dev
	rm -rf $(SUITE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile --target $(SUITE)/.pip -r tests/compliance/pip.txt
	PYTHONPATH="$(CURDIR)/$(SUITE)/.pip" $(PYTHON2) -m pip install --quiet --disable-pip-version-check --no-python-version-warning --require-hashes --target $(SUITE) -r $<
	touch $@

# Whatever bytes may come, against wsproto and against what the documents say: coverage-guided.
SECONDS ?= 60
fuzz: $(VENV)/.fuzz
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(ARGS)

$(VENV)/.fuzz: tests/fuzz/requirements.txt $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

# A crowd that comes, talks and goes, and whether anything grows or is lost: docs/soak.md.
MINUTES ?= 30
soak: $(VENV)/.dev
	$(BIN)/python -m bench.soak --minutes $(MINUTES) $(ARGS)

# What the example clients run on: those in Python, and those in JavaScript.
examples: $(VENV)/.examples

examples-js: examples/node_modules/.installed

$(VENV)/.examples: requirements/examples.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# What runs, then what tests: hash-checked, so a machine gets what we tested or nothing.
$(VENV)/.run: requirements/run.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "trichat needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

# ws, for the JavaScript examples; the parser, for the document of the frames. npm and Node are of
# PyPI too: a machine needs Python alone.
%/node_modules/.installed: %/package.json %/package-lock.json | $(VENV)/.dev
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --prefix $* --loglevel=error
	touch $@

# Pin anew after a change of pyproject.toml's dependencies (needs pip-tools on the PATH).
LOCK := pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock:
	$(LOCK) --all-build-deps --output-file=requirements/run.txt pyproject.toml
	$(LOCK) --all-build-deps --extra=dev --constraint=requirements/run.txt --output-file=requirements/dev.txt pyproject.toml
	$(LOCK) --constraint=requirements/dev.txt --output-file=requirements/examples.txt requirements/examples.in

bench-lock:
	$(LOCK) --output-file=bench/requirements.txt bench/requirements.in

clean:
	rm -rf $(VENV) $(SUITE) bench/.venv bench/.cache examples/node_modules tests/asyncapi/node_modules .mypy_cache .ruff_cache .pytest_cache
