# The graph: data -> runs -> chapters and explorer -> book. `tracelib build PROFILE` calls it (so does make).
# Rules take small key files (tracelib/core/keys.py) as inputs: those change exactly when a notebook,
# its parameters, a library module it uses, the data or the lock does.
import sys

from tracelib.book import build as steps

PROFILE = steps.profile_of_graph()
WORK = steps.work_folder(PROFILE).relative_to(steps.ROOT).as_posix()
HTML = steps.html_folder(PROFILE).relative_to(steps.ROOT).as_posix()
CELLS = list(PROFILE.cells())
THREADS = max(run["threads"] for run in PROFILE.settings.values())
PYTHON = sys.executable
JOB = "OMP_NUM_THREADS={threads} {PYTHON:q} -m tracelib.book.rules"
steps.write_keys(PROFILE)

DATA = [f"{WORK}/data/{name}" for name in steps.DATA_FILES]
EXPERIMENTS = [steps.cell_target(PROFILE, cell) for cell in CELLS]
CHAPTERS = expand(f"{WORK}/notebooks/{{chapter}}.ipynb", chapter=steps.chapters())


# Everything is asked for by name, so that a result somebody removed is made again.
rule all:
    input:
        DATA,
        EXPERIMENTS,
        CHAPTERS,
        f"{WORK}/explorer.done",
        f"{WORK}/book.done",


rule experiments:
    input:
        EXPERIMENTS,


rule book:
    input:
        f"{WORK}/keys/book.json",
        f"{WORK}/explorer.done",
        CHAPTERS,
    output:
        f"{WORK}/book.done",
    benchmark:
        f"{WORK}/times/book/book.tsv"
    shell:
        JOB + " book {WORK} {HTML} {output}"


# What the page of the trace explorer loads.
rule explorer:
    input:
        f"{WORK}/keys/explorer.json",
        DATA,
        EXPERIMENTS,
    output:
        f"{WORK}/explorer.done",
    benchmark:
        f"{WORK}/times/explorer/explorer.tsv"
    shell:
        JOB + " explorer {input[0]} {WORK} {output}"


rule data:
    input:
        f"{WORK}/keys/data.json",
    output:
        DATA,
    benchmark:
        f"{WORK}/times/data/release.tsv"
    shell:
        JOB + " data {WORK}/data"


# One cell of the grid: a dataset and a condition, seed by seed, in one kernel. The notebook writes the run
# folders, each whole or not at all, and skips those that are already there. They are not outputs of the rule:
# Snakemake removes outputs when it starts a rule again, and finished seeds would be lost.
rule cell:
    input:
        f"{WORK}/keys/cell-{{cell}}.json",
    output:
        steps.cell_target(PROFILE, "{cell}"),
    benchmark:
        f"{WORK}/times/runs/{{cell}}.tsv"
    threads: THREADS
    resources:
        device=1,
    shell:
        JOB + " notebook {input} {output}"


rule chapter:
    input:
        f"{WORK}/keys/chapter-{{chapter}}.json",
        DATA,
        lambda wildcards: EXPERIMENTS if wildcards.chapter in steps.RUN_CHAPTERS else [],
    output:
        f"{WORK}/notebooks/{{chapter}}.ipynb",
    wildcard_constraints:
        chapter="|".join(name for name in steps.chapters() if name != "status"),
    benchmark:
        f"{WORK}/times/chapters/{{chapter}}.tsv"
    shell:
        JOB + " notebook {input[0]} {output}"


# Last of the chapters: it reports what the others took.
rule status:
    input:
        f"{WORK}/keys/chapter-status.json",
        [chapter for chapter in CHAPTERS if not chapter.endswith("status.ipynb")],
    output:
        f"{WORK}/notebooks/status.ipynb",
    benchmark:
        f"{WORK}/times/chapters/status.tsv"
    shell:
        JOB + " notebook {input[0]} {output}"
