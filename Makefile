# `make book` and `make test` are all you need; both set up what is missing first.
PYTHON ?= python3.11
PIP_ARGS ?=
PROFILE ?= laptop
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
# With the first set, each of some hundred processes would compile its imports anew. The others would mix in
# packages of another environment, or send pip's packages into one.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH PYTHONSTARTUP PIP_USER PIP_TARGET PIP_PREFIX
VENV := .venv
# Run modules, not scripts: a script holds the folder's path, which a shell would interpret, and which is wrong
# after the folder has moved.
RUN := $(VENV)/bin/python -m
READY := $(VENV)/ready
TOOLS := $(VENV)/tools
# The set-up is done again if its Python is gone, or if it was made in another folder.
STANDS = import os, sys; \
  there = open(".venv/pyvenv.cfg", encoding="utf-8", errors="surrogateescape").read(); \
  sys.exit(sys.version_info[:2] != (3, 11) or os.path.realpath(".venv") not in there)
AGAIN := $(shell $(VENV)/bin/python -I -c '$(STANDS)' 2>/dev/null || echo again)
# One worker per core, with one thread each; the tests of a file stay together, so their fixtures are made once.
PYTEST = OMP_NUM_THREADS=1 $(RUN) pytest --numprocesses $(CORES) --dist loadfile --no-loadscope-reorder

.PHONY: book smoke smollm2 grid serve pdf zip slides handout test nightly lint figure shipped-runs clean \
        constraints again

book: $(READY)            ## the laptop profile: experiments, chapters, book at _build/html/index.html
	@$(RUN) tracelib build laptop --cores $(CORES)

smoke: $(READY)           ## the smoke profile: the same in minutes, in its own folder
	@$(RUN) tracelib build smoke --cores $(CORES)

smollm2: $(READY)         ## train and test a real pre-trained model on a few problems (minutes)
	@$(RUN) tracelib models fetch --yes
	@$(RUN) tracelib live

grid: $(READY)            ## the larger grid and its committed tables (hours; prints how many first)
	@$(RUN) tracelib grid --cores $(CORES)

serve: $(READY)           ## the built book in a browser; pages reload when you edit their sources
	@$(RUN) tracelib book serve $(PROFILE)

pdf: $(TOOLS)             ## the built book as one PDF, by Chromium
	@$(RUN) tracelib book pdf $(PROFILE)

zip: $(READY)             ## the built book as one zip file, to be read offline
	@$(RUN) tracelib book zip $(PROFILE)

slides: $(TOOLS)          ## slides for a class of 90 minutes: HTML and PDF
	@$(RUN) tracelib book slides $(PROFILE)

handout: $(TOOLS)         ## two pages to print for a class, and their answers: HTML and PDF
	@$(RUN) tracelib book handout $(PROFILE)

test: $(TOOLS)            ## all tests except the nightly ones
	@$(PYTEST) -m "not nightly"

nightly: $(TOOLS)         ## all tests, also long simulations, fuzzing and kills; writes a dated report
	@$(PYTEST) --junitxml work/nightly/$$(date +%F).xml

lint: $(TOOLS)            ## check style, spelling, imports between packages, notebooks without outputs
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) codespell_lib
	@$(VENV)/bin/python -c "from importlinter import cli; cli.lint_imports_command()" --no-logo
	@$(RUN) nbstripout --verify notebooks/*.ipynb

figure: $(READY)          ## redraw the README's figure from the shipped outcomes
	@$(VENV)/bin/python -c "from tracelib.paper import release; from tracelib.reporting import figures; \
	  from tracelib.scoring import outcomes; \
	  counts = outcomes.counts(release.shipped_outcomes(), 'corrected'); \
	  figures.joint_and_conditional(counts).savefig('docs/joint.png')"

shipped-runs: $(READY)    ## make again the runs that ship with the package (chapters show them where no build is)
	@for run in $(notdir $(wildcard tracelib/assets/runs/*)); do \
	  $(RUN) tracelib run laptop $$run && \
	  (cd work/laptop/runs/$$run && cp run.json outcomes.csv loss.csv predictions.jsonl $(CURDIR)/tracelib/assets/runs/$$run) \
	  || exit 1; done

clean:                    ## remove everything that make has made
	rm -rf $(VENV) work _build .snakemake build dist *.egg-info

constraints: $(TOOLS)     ## rewrite constraints.txt from the current environment
	@{ echo "# Every version the project is built and tested with (Python 3.11); written by 'make constraints'."; \
	   $(RUN) pip freeze --exclude-editable | sed 's/+cpu$$//'; } > constraints.txt.partial
	@mv constraints.txt.partial constraints.txt

# `ready` is written last and holds the seconds of the set-up. Without it, the set-up starts again from nothing,
# because files of another Python are of no use. Modules are compiled on import, as compiling all takes a minute.
$(READY): constraints.txt pyproject.toml $(AGAIN)
	@"$(PYTHON)" -I -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
	{ echo "$(PYTHON): $$("$(PYTHON)" -V 2>&1 | tail -n 1); expected Python 3.11: PYTHON=/path/to/python3.11" >&2; \
	  exit 1; }
	@echo "setting up $(VENV) (minutes, once)"
	@rm -rf $(VENV)/ready
	@start=$$(date +%s); \
	"$(PYTHON)" -m venv --clear $(VENV) && \
	$(RUN) pip install --quiet --no-compile --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.[marco,train,book]' && \
	echo $$(( $$(date +%s) - start )) > $(READY).partial && mv $(READY).partial $(READY)

# Packages that only tests, checks and single commands need.
$(TOOLS): $(READY)
	@echo "adding to $(VENV) what the tests need"
	@$(RUN) pip install --quiet --no-compile --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.[hub,marco,train,teacher,quant,bench,slurm,book,pdf,study,dev]' && \
	touch $(TOOLS)
