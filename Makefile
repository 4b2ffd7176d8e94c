# `make book` and `make test` are all you need; both set up what is missing first.
PYTHON ?= python3.11
PIP_ARGS ?=
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
# Where it is set, each of some hundred processes would compile all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
# A worker per core, which keeps to its core; a file's tests stay together, and what they share is made once.
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(CORES) --dist loadfile --no-loadscope-reorder

.PHONY: book smoke grid test nightly lint figure clean constraints

book: $(READY)            ## laptop profile: experiments, chapters, book at _build/html/index.html
	@$(BIN)/tracelib build laptop --cores $(CORES)

smoke: $(READY)           ## the whole path in minutes, in its own folder
	@$(BIN)/tracelib build smoke --cores $(CORES)

grid: $(READY)            ## the larger grid (hours; says how many first), and its committed tables
	@$(BIN)/tracelib grid --cores $(CORES)

test: $(READY)            ## all tests but the nightly ones
	@$(PYTEST) -m "not nightly"

nightly: $(READY)         ## long simulations, fuzzing and kills as well; a report of every test, by date
	@$(PYTEST) --junitxml work/nightly/$$(date +%F).xml

lint: $(READY)            ## style, spelling, notebooks without outputs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/codespell
	@$(BIN)/nbstripout --verify notebooks/*.ipynb

figure: $(READY)          ## redraw the README's figure from the shipped outcomes
	@$(BIN)/python -c "from tracelib import figures, outcomes, release; \
	  counts = outcomes.counts(release.shipped_outcomes(), 'corrected'); \
	  figures.joint_and_conditional(counts).savefig('docs/joint.png')"

clean:                    ## remove everything that make made
	rm -rf $(VENV) work _build .snakemake

constraints: $(READY)     ## rewrite constraints.txt from the environment as it is
	@{ echo "# Every version the project is built and tested with (Python 3.11); written by 'make constraints'."; \
	   $(BIN)/pip freeze --exclude-editable | sed 's/+cpu$$//'; } > constraints.txt.partial
	@mv constraints.txt.partial constraints.txt

# `ready` is written last, and holds how long it took; without it the set-up is done again.
# Python compiles what is imported when it is; to compile all that is installed takes a minute more.
$(READY): constraints.txt pyproject.toml
	@echo "setting up $(VENV) (minutes, once)"
	@start=$$(date +%s); \
	$(PYTHON) -m venv $(VENV) && \
	$(BIN)/pip install --quiet --no-compile --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.[hub,train,book,dev]' && \
	echo $$(( $$(date +%s) - start )) > $(READY).partial && mv $(READY).partial $(READY)
