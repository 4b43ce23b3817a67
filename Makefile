# Two commands for a fresh machine: `make demo` and `make test`. Both set up .venv themselves.
PYTHON ?= python3
BIN := .venv/bin
SHARED := $(if $(EGOVRULES_SHARED),$(abspath $(EGOVRULES_SHARED)))

.PHONY: demo test lint format bench bench-report pictures agreement catalogues fuzz clean

demo: .venv/ready  ## write the sample eighth round, evaluate it, print the national summary
	test -d demo/ir-1400-autumn || $(BIN)/egovrules sample demo
	$(BIN)/egovrules evaluate demo/rulesets/ir-1400-spring.yaml demo/ir-1400-spring \
		--out demo/results/1400-spring --format json > /dev/null
	$(BIN)/egovrules evaluate demo/rulesets/ir-1400-autumn.yaml demo/ir-1400-autumn \
		--previous demo/results/1400-spring --out demo/results/1400-autumn

test: lint  ## lint, types, and the whole test suite
	$(if $(SHARED),EGOVRULES_SHARED=$(SHARED)) $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: .venv/ready  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/ready  ## speed and memory, as ratios within one run
	$(BIN)/python -m benchmarks

bench-report: .venv/ready  ## the report's size, and its speed in a browser
	$(BIN)/python -m benchmarks.report

pictures: .venv/ready  ## draw the pictures of the documentation anew
	$(BIN)/python docs/images/make.py

agreement: .venv/ready  ## compare with what publishers printed, and write the page
	$(if $(SHARED),EGOVRULES_SHARED=$(SHARED)) $(BIN)/python docs/make_agreement.py

catalogues: .venv/ready  ## bring the translations up to the code: what is new in it, what is gone
	$(BIN)/python -m catalogues

fuzz: .venv/ready  ## the long versions of the randomised tests
	EGOVRULES_FUZZ=10 $(BIN)/python -m pytest

.venv/ready: pyproject.toml dev.txt constraints.txt $(wildcard plugins/*/pyproject.toml)
	$(PYTHON) -m venv --upgrade-deps .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -r dev.txt --group dev
	touch $@

clean:
	rm -rf .venv demo
