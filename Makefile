# Every arrow of the README's picture is one verb here, the same at the desk and in CI.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3.11
PIPENV_VERSION := 2026.10.3
# Where packages come from: what pip itself is configured to use, unless told otherwise.
PACKAGE_INDEX_URL ?= $(shell $(PYTHON) -c "from pip._internal.commands import create_command as c; print(c('download').parser.get_default_values().index_url)")
CATEGORIES := packages estimator scale trainer webservice granian tracing dev-packages
PORT ?= 8080

VENV := .venv/bin
INSTALLED := .venv/installed
MODEL := oncology_model/model/manifest.json
DATA := data/breast_cancer.csv
REPORTS := build/training

export PACKAGE_INDEX_URL
export PIPENV_VENV_IN_PROJECT := 1
export PIPENV_IGNORE_VIRTUALENVS := 1

.PHONY: help
help: ## tell the verbs
	@grep -hE '^[a-z.-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "%-22s %s\n", $$1, $$2}'

.PHONY: install
install: $(INSTALLED) ## install what the lock file names into .venv

$(INSTALLED): Pipfile.lock
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is needed: install Python 3.11, or name it with PYTHON=" >&2; exit 1; }
	test -x .pipenv/bin/pipenv || { $(PYTHON) -m venv .pipenv && .pipenv/bin/pip install --quiet pipenv==$(PIPENV_VERSION); }
	.pipenv/bin/pipenv --python $(PYTHON) sync --categories "$(CATEGORIES)"
	touch $@

.PHONY: lock
lock: ## renew Pipfile.lock from Pipfile
	.pipenv/bin/pipenv lock

.PHONY: train
train: $(MODEL) ## train on the bundled data, if the model is missing or older than data or code

$(MODEL): $(DATA) $(wildcard trainer/*.py oncology_model/*.py) | $(INSTALLED)
	$(VENV)/python -m trainer --data $(DATA) --output $(@D) --reports $(REPORTS)
	@touch $@

.PHONY: run
run: $(MODEL) ## serve predictions (PORT=8080)
	@PORT=$(PORT) $(VENV)/python -m webservice

.PHONY: test
test: $(MODEL) ## run the fast tests
	$(VENV)/python -m pytest

.PHONY: test.packaging
test.packaging: $(MODEL) ## install the wheel into empty environments and use it
	$(VENV)/python -m pytest tests/packaging -m packaging

.PHONY: lint
lint: $(INSTALLED) lint.k8s ## check style, types and the direction of imports
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/lint-imports

.PHONY: format
format: $(INSTALLED) ## put the code into the one format
	$(VENV)/ruff check --fix
	$(VENV)/ruff format

.PHONY: wheel
wheel: $(MODEL) ## build the oncology-model wheel, trained artifact inside, into dist/
	$(VENV)/python -m build --wheel --no-isolation

.PHONY: clean
clean: ## remove everything that was made, the environment included
	rm -rf .venv .pipenv build dist oncology_model/model .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

-include make/*.mk
