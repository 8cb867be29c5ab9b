# One recipe per habit; `make help` lists them. Each one first makes the environment it
# needs in .venv, so Python 3.11 or newer and make are all that has to be there.
# With another Python: `make demo PYTHON=python3.13`.

PYTHON ?= python3
BIN := .venv/bin

# Stamps: when .venv was last brought in line with pyproject.toml, for users and for us.
USER := .venv/.ready-user
DEV := .venv/.ready-dev

# Its examples stand, and are run, where the functions are defined.
DEFINED_ELSEWHERE := --ignore=src/wubu/ops/__init__.py

# Scripts for other frameworks, which are not installed in .venv.
FOREIGN := --ignore=src/wubu/bench/peers

# What `make bench` compares Wubu with; make bench PEERS="torch jax" for fewer.
PEERS ?= torch keras jax paddle onnx

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-full check bench peers format clean

help: ## show this list
	@echo "Wubu: deep learning in five steps. What make can do here:"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s  %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Another Python than $(PYTHON): make demo PYTHON=python3.13"

demo: $(USER) ## train a first network and look at it
	@$(BIN)/wubu demo

test: $(DEV) ## run the tests, but for the long fuzzing runs
	@$(BIN)/pytest -n auto -m "not full"

test-full: $(DEV) ## run every test, with many more random examples
	@HYPOTHESIS_PROFILE=full $(BIN)/pytest -n auto

check: $(DEV) ## check format, lint, types, structure and doctests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest --doctest-modules src/wubu tests/test_structure.py \
		$(DEFINED_ELSEWHERE) $(FOREIGN)

bench: $(USER) peers ## compare the speed of Wubu with that of other frameworks
	@$(BIN)/wubu bench
	@$(BIN)/wubu bench --mode predict

peers: $(USER) ## install the other frameworks, each in an environment in .peers
	@$(BIN)/python benchmarks/install.py $(PEERS)

format: $(DEV) ## set the format right, and what lint can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

clean: ## remove .venv, .peers, caches and build outputs
	@rm -rf .venv .peers .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	@find src tests -type d -name __pycache__ -prune -exec rm -rf {} +

$(USER): pyproject.toml
	$(call install,.)

$(DEV): pyproject.toml
	$(call install,.[dev])
	@touch $(USER)

# Installs $(1) into .venv, made anew where it is missing or has no pip.
define install
@$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(require_python); \
	echo "Making .venv with $(PYTHON) ..."; $(PYTHON) -m venv .venv; }
@echo "Installing Wubu and what it needs into .venv ..."
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '$(1)'
@touch $@
endef

# Fails, saying what to do, where $(PYTHON) cannot make an environment.
define require_python
command -v "$(PYTHON)" >/dev/null || { \
	echo "make: there is no $(PYTHON); install Python 3.11 or newer, or name" \
		"one you have: make PYTHON=/path/to/python" >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "make: Wubu needs Python 3.11 or newer, and $(PYTHON) is" \
		"$$($(PYTHON) -V 2>&1); name another: make PYTHON=python3.13" >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "make: $(PYTHON) cannot make environments, because it lacks ensurepip;" \
		"on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
endef
