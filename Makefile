# The habits of this repository. `make run` is all that is needed to try Maestro.
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
UV_LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'
# Everything whose contents decide what the front-end build leaves behind.
FRONT := $(shell find static/src templates maestro -type f -not -name '*.pyc' 2>/dev/null)

.PHONY: run setup setup-dev test test-faults test-long bench lint format lock

run: setup
	@exec $(PYTHON) -m maestro.supervisor

setup: .venv/.ready static/dist/manifest.json

setup-dev: .venv/.ready-dev node_modules/.ready-dev setup
	@setup/system.sh

test: setup-dev
	$(PYTEST) -n 2 --dist worksteal --ignore tests/faults

test-faults: setup-dev
	$(PYTEST) tests/faults

test-long: setup-dev
	$(PYTEST) -n 2 --dist worksteal --ignore tests/faults --hypothesis-profile long

bench: setup-dev
	$(PYTHON) -m bench

lint: setup-dev
	.venv/bin/ruff check .
	$(PYTHON) -m mypy
	.venv/bin/djlint --quiet --lint templates

format: .venv/.ready-dev
	.venv/bin/ruff check --fix .

lock: .venv/.ready-dev
	$(UV_LOCK) requirements.in -o requirements.txt
	$(UV_LOCK) requirements-dev.in -o requirements-dev.txt

.venv/.ready: requirements.txt
	@setup/venv.sh $<
	@touch $@

.venv/.ready-dev: requirements-dev.txt .venv/.ready
	@setup/venv.sh $<
	@touch $@

# Each of the two replaces node_modules as a whole; the second has everything that the first has.
node_modules/.ready: package-lock.json | .venv/.ready
	@$(PYTHON) setup/assets.py install
	@touch $@

node_modules/.ready-dev: package-lock.json | .venv/.ready
	@$(PYTHON) setup/assets.py install --dev
	@touch node_modules/.ready $@

static/dist/manifest.json: vite.config.js package-lock.json $(FRONT) | node_modules/.ready
	@$(PYTHON) setup/assets.py build
	@$(PYTHON) -m whitenoise.compress --quiet static/dist
	@touch $@
