# Two commands on a fresh machine with Python 3.11 or newer: `make run` and `make test`. No root, nothing installed before.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run setup setup-dev test check upgrade bench soak lock clean

run: setup            ## sets up and starts the service with the demo town; Ctrl-C ends it
	$(BIN)/xinshao run --demo

test: setup-dev       ## sets up, checks style and types, runs every test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup          ## validates feeds.yaml, county.yaml, matrix, calendar and mail settings
	$(BIN)/xinshao check

upgrade:              ## after a backup, with everything stopped: the newest version of this checkout; feeds.yaml stays as you have it
	@test ! -e feeds.yaml.yours || { echo "feeds.yaml.yours is left from an upgrade that was cut off: put it back as feeds.yaml first"; exit 1; }
	cp -p feeds.yaml feeds.yaml.yours
	git checkout -q -- feeds.yaml && git pull -q --ff-only; pulled=$$?; mv feeds.yaml.yours feeds.yaml; exit $$pulled
	$(MAKE) check

bench: setup-dev      ## benchmarks, as ratios against named baselines in the same run
	$(BIN)/xinshao bench

soak: setup-dev       ## long runs: crashes, storms, a day replayed again and again
	$(BIN)/python -m pytest -m soak -o addopts="-q --strict-markers"

setup: $(VENV)/.installed
setup-dev: $(VENV)/.installed-dev

$(VENV)/.installed: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes -r requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	touch $@

lock:                 ## needs uv in the environment: resolves the versions anew; hashes, but no index address
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra demo --extra build -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra demo --extra build --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean:                ## removes what was set up; never touches var/
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache
