# `make run` analyses data/article.txt; `make test` runs the tests. Both install what they need into .venv first.
# Another article, target or codebook: make run ARTICLE=my.txt TARGET=Japan OPTIONS="--issues my_issues.yaml"

PYTHON ?= python3
ARTICLE ?= data/article.txt
TARGET ?= China
OPTIONS ?=
README_FIGURE := quotes-words-by-voice
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help run test lab lint lock speed benchmarks readme clean

help:
	@echo "make run   analyse $(ARTICLE) and write reports/"
	@echo "make lab   open the notebooks in JupyterLab"
	@echo "make test  run the tests"
	@echo "make lint  check style, and that notebooks are committed without outputs"
	@echo "make clean remove .venv, reports/ and caches"

run: $(INSTALLED)
	@$(BIN)/analysis run "$(ARTICLE)" --target "$(TARGET)" $(OPTIONS)
	@echo "Open the index.html named above in a browser; notebooks, figures and tables stand beside it."

test: $(INSTALLED)
	$(BIN)/pytest -q -n auto --dist loadfile

lab: $(INSTALLED)
	$(BIN)/jupyter-lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/guide.ipynb

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python tests/check_notebooks.py notebooks/*.ipynb

lock: $(INSTALLED)
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev pyproject.toml --output-file requirements.lock

# make speed ARTICLE=FOLDER times `analysis annotate` beside spaCy alone; with COPIES=100, on so many copies of each article.
speed: $(INSTALLED)
	@$(BIN)/python tests/speed.py "$(ARTICLE)" $(COPIES)

benchmarks: $(INSTALLED)
	@test -n "$(BENCHMARKS)" || { echo "Name the folder of the benchmarks: make benchmarks BENCHMARKS=FOLDER" >&2; exit 2; }
	$(BIN)/python -m analysis.evaluation.publish "$(BENCHMARKS)"

# What the README shows: a figure, the meaning of all columns, and pictures of two pages, for which chromium is needed.
readme: run
	mkdir -p data/readme
	cp reports/article/figures/$(README_FIGURE).png data/readme/figure.png
	$(BIN)/python -c "from analysis.tables import to_markdown; print('# What the columns mean', to_markdown(), sep='\n\n', end='')" > data/readme/tables.md
	$(BIN)/python tests/screenshots.py data/readme

clean:
	rm -rf .venv reports dist .pytest_cache .ruff_cache .hypothesis
	find analysis tests notebooks -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

# Installed anew when the lock file or pyproject.toml changes. A broken installation leaves no stamp.
$(INSTALLED): requirements.lock pyproject.toml
	@for python in "$(PYTHON)" python3.13 python3.12 python3.11; do \
		if "$$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11 or newer is needed (with its venv module), and neither $(PYTHON) nor python3.13, python3.12, python3.11 is one." >&2; \
		echo "Install one from https://www.python.org/downloads/, or name one: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; \
		exit 1; \
	fi; \
	echo "Installing into .venv with $$($$found --version); this takes a few minutes the first time."; \
	"$$found" -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $(INSTALLED)
