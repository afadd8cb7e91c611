# The study's commands; `make` alone lists them. Nothing is needed but Python 3.11, 3.12 or 3.13.
#
#   make study PYTHON=/usr/bin/python3.12     another Python for the environment
#   make study CORES=2 TIER=paper             fewer jobs at once, another tier
#   make study ARGS="figures --dry-run"       a target and options of Snakemake
#   make plan TIER=paper CORES=64             what it would take, before anything runs
#   make slurm-study JOBS=50 SITE=mine.yaml   fewer jobs in the queue, settings of the site from another place

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help env bench study slurm-study smoke figures plan release soak check reference test test-cluster lint format docs clean distclean

VENV := .venv
# Only its Python is called: the first line of a program there names its place, which may hold a space or a quote.
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CORES ?= all
JOBS ?=
SITE ?=
ARGS ?=
TIER ?=
PYTHON ?=
N ?= 5
SEED ?= 1

# What a user says reaches commands by the environment, raw: it is data there, and never a part of a command line that
# make or the shell would expand.
override CORES := $(value CORES)
override JOBS := $(value JOBS)
override SITE := $(value SITE)
override ARGS := $(value ARGS)
override TIER := $(value TIER)
override PYTHON := $(value PYTHON)
override N := $(value N)
override SEED := $(value SEED)
export CORES JOBS SITE ARGS TIER PYTHON N SEED
RUN = $(BIN)/python workflow/run.py $${TIER:+--tier="$$TIER"} --args="$$ARGS"

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

env: $(READY)  ## make the environment .venv from requirements.lock

$(READY): requirements.lock pyproject.toml workflow/find_python.sh
	@python="$$(bash workflow/find_python.sh)"; \
	$(BIN)/python -m pip --version >/dev/null 2>&1 || "$$python" -m venv --clear $(VENV) \
	  || { echo "could not make $(VENV) with $$python: install its venv module (on Debian: python3-venv)" >&2; exit 1; }
	@echo "installing the packages of requirements.lock into $(VENV) (once; a few minutes)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo "fetching the files of published networks (once; the study stands without those that cannot be had)"
	@$(BIN)/python -m whylstm wild >/dev/null || true
	@echo "compiling the kernels (once; under a minute)"
	@$(BIN)/python -m whylstm warm >/dev/null
	@touch $@

study: $(READY)  ## run the study of config.yaml: from data to figures, verdicts and the article
	@$(RUN) --cores="$$CORES"

slurm-study: $(READY)  ## run the study on a Slurm cluster, from its login node (docs/cluster.md)
	@$(RUN) --profile slurm $${SITE:+--site="$$SITE"} $${JOBS:+--jobs="$$JOBS"}

smoke: $(READY)  ## run a small study through the whole pipeline, into results/smoke
	@TIER=smoke; $(RUN) --cores="$$CORES"

figures: $(READY)  ## make the figures of the study, and what they need
	@$(RUN) --cores="$$CORES" figures

plan: $(READY)  ## say what the study would take: jobs, hours, memory, disk, and the time on CORES cores
	@$(BIN)/python -m whylstm plan $${TIER:+--tier="$$TIER"} --cores="$$CORES"

release: $(READY)  ## pack the finished study into one archive with a hash of each file
	@$(BIN)/python workflow/release.py $${TIER:+--tier="$$TIER"}

soak: $(READY)  ## run the small study N times, killed and damaged at random; compare the bytes (N=5 SEED=1)
	@$(BIN)/python -m tests.soak.run --runs="$$N" --seed="$$SEED"

check: $(READY)  ## rebuild the small study; compare it, and the whole one if it is there, with the reference
	@rm -rf results/smoke
	@$(MAKE) --no-print-directory smoke
	@$(BIN)/python -m whylstm compare results/smoke tests/reference/smoke --reference --output results/smoke/comparison
	@if [ -f results/claims.json ] && [ -d tests/reference/default ]; then \
	  $(BIN)/python -m whylstm compare results tests/reference/default --reference; fi

reference: smoke  ## make the present results the reference that `make check` compares with
	@$(BIN)/python -m whylstm reference results/smoke tests/reference/smoke
	@if [ -f results/claims.json ]; then \
	  $(BIN)/python -m whylstm reference results tests/reference/default --summary; fi

test: lint  ## check the code, then run all tests
	@PYTEST_ADDOPTS="$$ARGS" $(BIN)/python -m pytest -n 2 --dist loadgroup

test-cluster: $(READY)  ## bring up a small Slurm on this machine, run the small study on it with faults, compare, tear down
	@$(BIN)/python -m tests.cluster.packages
	@PYTEST_ADDOPTS="$$ARGS" $(BIN)/python -m pytest -v -p no:xdist tests/cluster/study_on_slurm.py

bench: $(READY) .venv-bench/.ready  ## time the profile beside JAX and torch, into docs/performance.md (ARGS=--quick: 3 minutes)
	@set -f; PYTHONPATH=src .venv-bench/bin/python benchmarks/lag_profile.py --output docs/performance.md $$ARGS

.venv-bench/.ready: benchmarks/requirements.txt $(READY)
	@$(BIN)/python -m venv --clear .venv-bench
	@$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" \
	  > "$$(.venv-bench/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")/study.pth"
	@.venv-bench/bin/python -m pip install -qq --disable-pip-version-check --no-deps --requirement $<
	@touch $@

lint: $(READY)  ## check format, lint, types, imports and rules
	@said=$$($(BIN)/python -m ruff format --check . 2>&1) || { echo "$$said"; exit 1; }
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m mypy --no-error-summary
	@said=$$($(BIN)/python -c "from importlinter.cli import lint_imports_command as run; run()" --no-cache) || { echo "$$said"; exit 1; }
	@said=$$($(BIN)/python -m snakefmt --diff --check Snakefile workflow/Snakefile workflow/rules 2>&1) || { echo "$$said"; exit 1; }
	@said=$$($(BIN)/python -m snakemake --lint 2>&1) || { echo "$$said"; exit 1; }
	@echo "format, lint, types, imports and rules: clean"

format: $(READY)  ## put code and rules into their format
	@$(BIN)/python -m ruff format --quiet .
	@$(BIN)/python -m snakefmt Snakefile workflow/Snakefile workflow/rules 2>/dev/null

docs: $(READY)  ## write the pages of docs/ that are made from schemas and rules
	@page=$$($(BIN)/python -m whylstm explain --all) && printf '%s\n' "$$page" > docs/config.md
	@page=$$($(BIN)/python -m whylstm dictionary) && printf '%s\n' "$$page" > docs/data-dictionary.md
	@page=$$($(BIN)/python workflow/rule_graph.py) && printf '%s\n' "$$page" > docs/rules.md

clean:  ## delete all results and caches; the environment stays
	@rm -rf results .snakemake build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find src tests workflow notebooks -name __pycache__ -type d -exec rm -rf {} +

distclean: clean  ## delete the environment too
	@rm -rf $(VENV)
