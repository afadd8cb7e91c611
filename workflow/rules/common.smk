"""What the rules share: the plan of the study, the names of its parts, and digests of the code they depend on.

The config is read and checked here, before anything else: a mistake ends Snakemake with one line.
"""

import json
import functools
import os
import shlex
import sys
from pathlib import Path

ROOT = Path(workflow.current_basedir.get_path_or_uri(secret_free=False)).parents[1]
if not (ROOT / "src").is_dir():
    sys.exit("the study is run from a clone of its repository: its rules call the package that stands beside them")
if set("{}") & set(str(ROOT)):
    sys.exit(
        f"the study cannot run in {ROOT}: Snakemake reads braces in a path as a name of its own; rename the folder"
    )
sys.path.insert(0, str(ROOT / "src"))  # the code of this checkout, wherever another may be installed
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")])))

sys.executable = shlex.quote(sys.executable)  # Snakemake puts it into commands of the shell as it stands

from whylstm import records, sources
from whylstm.article import summary
from whylstm.errors import StudyError
from whylstm.launch import device, edits, metadata, profiles, slurm
from whylstm.records import files, lock, manifest, wholeness
from whylstm.study import config as study_config
from whylstm.study import plan as study_plan
from whylstm.study import reading
from whylstm.study import trials
from whylstm.study import wiring as study_wiring

IMAGE = "whylstm.sif"
KEPT = []
ANEW = {"--forceall", "-F", "--touch", "-t"} & set(sys.argv)
DICTIONARY = records.tables()


def study():
    """Return the study's config. What runs on another node gets it as it was when the run started, not from the file."""
    if not workflow.is_main_process and (kept := os.environ.get("WHYLSTM_STUDY")):
        return json.loads(kept)
    profiles.check_workflow_profile(sys.argv[1:], ROOT, Path(workflow.basedir))
    said = study_config.merge(config, reading.typed(workflow.config_settings.config))
    return study_config.load(overrides=said, root=ROOT)


def check_machine():
    """Check that the jobs can run; with ``--jobs``, which only clusters know, they run elsewhere."""
    here = workflow.resource_settings.nodes is None
    if workflow.is_main_process:
        study_plan.check_machine(PLAN, Path.cwd(), here=here)
        device.check(STUDY["device"] if here else "cpu")


def check_history():
    """Check that what Snakemake knows of earlier runs is there; without it, stale results would count as fresh."""
    watched = workflow.is_main_process and not ANEW and not slurm.was_used(PLAN.folder)
    if watched and not any(Path(".snakemake/metadata").glob("*")):
        done = sum(1 for _ in PLAN.folder.glob("benchmarks/**/*.tsv"))
        begun = sum(path.is_file() for path in Path(".snakemake/incomplete").glob("**/*"))
        if done > begun:  # what a killed run had begun is marked; on a cluster that can be hundreds of jobs
            raise StudyError(
                f"the results in {PLAN.folder} have lost their history (.snakemake/metadata), so nobody can tell which"
                " are up to date; delete them, or make all again from the records with --forceall"
            )


def check_image():
    """Check that the image that jobs shall run in has been built, if they shall."""
    methods = {method.name.lower() for method in workflow.deployment_settings.deployment_method}
    if "apptainer" in methods and not Path(IMAGE).exists():
        raise StudyError(
            f"the image {IMAGE} is missing; apptainer build {IMAGE} workflow/container/apptainer.def makes it"
        )


try:
    STUDY = study()
    PLAN = study_plan.plan(STUDY)
    check_machine()
    check_history()
    check_image()
except StudyError as error:
    sys.exit(str(error))

os.environ.update(WHYLSTM_STUDY=json.dumps(STUDY), WHYLSTM_RUN=str(os.getpid()))  # a job ends with this process
if workflow.is_main_process:
    os.environ[edits.NEWEST] = str(edits.newest())
slurm.keep_settings_for_steps(os.environ, ROOT / profiles.FOLDER / "slurm" / "bin")
config.update(STUDY)  # jobs get the config as it was when the run started
RESULTS = PLAN.folder.as_posix()
REPLICATES = STUDY["simulation"]["replicates"]
WIRING = study_wiring.wiring(PLAN, ROOT)
STATISTICS, CLAIMS, FIGURES, NUMBERS = WIRING.statistics, WIRING.claims, WIRING.figures, WIRING.numbers
EXPERIMENTS, TABLES, NOTEBOOKS, TRAINED = WIRING.experiments, WIRING.tables, WIRING.notebooks, study_wiring.TRAINED
CHUNKS = {chunk.name: chunk for chunk in PLAN.chunks}
HELD = {chunk.name: manifest.holding((point.id, REPLICATES) for point in chunk.points) for chunk in PLAN.chunks}
AROUND = 400  # MiB: on a node Snakemake is started twice around each job, 190 MiB each
GPUS = int(STUDY["device"] != "cpu")  # what a chunk asks of a cluster; training runs on the processor
TRAINING = {chunk.name: chunk for chunk in PLAN.training}
DATA = sorted({(point.task, point.length) for point in PLAN.points})
LEARNT = {(trial.task, length) for trial in PLAN.networks for length in (trial.longest, *trial.extrapolate)}
FLOORS = sorted({*DATA, *LEARNT})
REPORT = "workflow/report"
SOURCES = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / REPORT).rglob("*") if path.is_file() and path.suffix != ".rst"
)
EXPLORER_FILES = [f"{REPORT}/article.css", *(name for name in SOURCES if name.startswith(f"{REPORT}/explorer/"))]
REPORT_FILES = [name for name in SOURCES if not name.startswith(f"{REPORT}/explorer/")]
SEQUENCES = [f"<results>/data/{task}-t{length}.npz" for task, length in DATA]
PRODUCTS = [
    *[f"<results>/manifests/simulate/{chunk}.json" for chunk in CHUNKS],
    *[f"<results>/manifests/train/{chunk}.json" for chunk in TRAINING],
    *[f"<results>/tables/{table}.parquet" for table in TABLES],
    *[f"<results>/figures/{figure}.{kind}" for figure in FIGURES for kind in ("svg", "pdf", "png", "json")],
    *[f"<results>/notebooks/{notebook}.{kind}" for notebook in NOTEBOOKS for kind in ("ipynb", "html")],
    *[f"<results>/{name}" for name in ("claims.json", "claims.parquet", "values.json")],
    *[f"<results>/{name}" for name in ("article.html", "article.pdf", "gallery.html", "explorer.html")],
]


def check_known():
    """Check that Snakemake knows what each single result was made from; one that it knows nothing of counts as fresh.

    On a cluster, those are what nodes finished after their run was killed; they are made again.
    """
    names = [name.replace("<results>", RESULTS) for name in (*SEQUENCES, *PRODUCTS, "<results>/provenance.json")]
    lost = [] if ANEW or not workflow.is_main_process else metadata.lost(PLAN.folder, names)
    if lost and slurm.was_used(PLAN.folder):
        metadata.mark(lost)
        logger.warning(f"{len(lost)} results were finished on nodes after their run had ended; they are made again.")
    elif lost:
        shown = " ".join(lost[:5]) + f" and {len(lost) - 5} more" * (len(lost) > 5)
        sys.exit(
            f"results have lost their history (.snakemake/metadata), so nobody can tell whether they are up to date:"
            f" {shown}; delete them and run again, or make all again from the records with --forceall"
        )


check_known()


@functools.cache
def code(script, *modules, without=(), tables=()):
    """Return the digest of a script and of the modules of the package that it calls, with all that they import.

    The layout of tables that are written, or read by what the data dictionary says of them, is a part of it.

    A Snakemake beside a job on a node must find the same one: where it differs from what is recorded, that makes the
    job's inputs anew as well, beside others that read them.
    """
    found = sources.digest(*modules, without=without, scripts=[ROOT / "workflow" / "scripts" / f"{script}.py"])
    return f"{found}-{records.layout(*sorted(tables))}" if tables else found


def chunk_code(chunk):
    """Return the digest of the code that measures a chunk: the engine, its cell and its initialisations."""
    own = {f"whylstm.initialisations.{point.initialisation}" for point in chunk.points}
    own |= {f"whylstm.cells.{point.cell}" for point in chunk.points}
    return code(
        "simulate_chunk",
        "whylstm.study.simulate",
        *sorted(own),
        without=("whylstm.study.design",),
        tables=("profiles", "models"),
    )


def training_code(chunk):
    """Return the digest of the code that trains a chunk: the engine, its task, its cells and where they start."""
    modules = {module for trial, _ in chunk.trials for module in trial.modules}
    return code("train_chunk", "whylstm.study.train", *sorted(modules), without=trials.PLANNING, tables=TRAINED[1:])


def experiment_settings(name):
    """Return the settings of an experiment: its own defaults, and what the config says instead."""
    return EXPERIMENTS[name].get("settings", {}) | STUDY.get("laboratory", {}).get(name, {})


def experiment_code(name):
    """Return the digest of an experiment's code, with the cells and initialisations that it or its settings name."""
    engine = f"whylstm.laboratory.{name}"
    own = [f"whylstm.cells.{cell}" for cell in experiment_settings(name).get("cell", ())]
    for family in ("whylstm.cells", "whylstm.initialisations"):
        own += [f"{family}.{part}" for part in sources.mentioned(family, engine)]
    return code("perform_experiment", "whylstm.laboratory.base", engine, *own, tables=(name,))


def statistic_code(name):
    """Return the digest of a statistic's code, with the layout of its table and of those that it reads."""
    read = [table for kind in ("tables", "records") for table in STATISTICS[name].get(kind, ())]
    engine = ("whylstm.statistics._sources", f"whylstm.statistics.{name}")
    return code("compute_table", *engine, tables=(name, *read))


def read_by(*declarations):
    """Return the names of all tables that are read by what declares them."""
    return sorted({table for tables in declarations for table in tables})


def sources_of(statistic):
    """Return what a statistic is computed from: the manifests of all chunks, or finished tables."""
    manifests = [f"<results>/manifests/simulate/{chunk}.json" for chunk in CHUNKS]
    tables = [f"<results>/tables/{table}.parquet" for table in statistic.get("tables", ())]
    return tables + manifests * bool(statistic.get("records"))


def growing(amount):
    """Return a resource that doubles with every attempt, for jobs that are retried where they ran out of it."""
    return lambda wildcards, attempt: amount * 2 ** (attempt - 1)


def memory_of(chunks):
    """Return the memory of a chunk's job in MiB, with what Snakemake takes around it on a node; it grows as above."""
    return lambda wildcards, attempt: (chunks[wildcards.chunk].memory_mib + AROUND) * 2 ** (attempt - 1)


def minutes_of(chunks):
    """Return the time limit of a chunk's job: six times its estimate, and no less than half an hour; it grows as above."""
    return lambda wildcards, attempt: max(30, int(chunks[wildcards.chunk].seconds / 10)) * 2 ** (attempt - 1)


def begin(logs):
    """Lock the results folder for this run, and end what an earlier one has left in a cluster's queue.

    The lock ends with the process, however that ends. Its file is kept: closed, it would let go of the lock.
    """
    try:
        KEPT.append(lock.hold(PLAN.folder))
        slurm.end_left_behind(PLAN.folder, logger.warning)  # first: a job that still writes looks like damage
        files.sweep(PLAN.folder)
        check_whole()
        slurm.note(PLAN.folder, slurm.run_in(logs))
    except StudyError as error:
        sys.exit(str(error))


def check_whole():
    """Check that no result that this run builds on is damaged; those that it makes again do not count."""
    anew = {str(path) for job in workflow.dag.needrun_jobs() for path in job.output}
    if harmed := [path for path in wholeness.damaged(PLAN.folder) if path.as_posix() not in anew]:
        names = " ".join(map(str, harmed))
        raise StudyError(f"damaged results (they are not what their jobs left): {names}; delete them and run again")


def say_work(jobs):
    """Say how much work lies ahead; the progress display reads the number from the record."""
    work = sum(float(job.resources.get("work", 0)) for job in jobs)
    logger.info(f"About {work / 60:.0f} minutes of work on one core.", extra={"work": work})
    for line in WIRING.told():
        logger.info(line)


def tabled(path, table=None):
    """Return a table's file as the report shows it: under its name, with the sentence of the data dictionary."""

    def labels(wildcards):
        name = table or str(wildcards[0])
        return {"table": name, "what it is": DICTIONARY[name].sentence}

    return report(ensure(path, non_empty=True), category="Tables", caption="../report/table.rst", labels=labels)


def pictured(wildcards):
    """Return what the report says of a figure: its name, and its message once it is drawn."""
    drawn = ROOT / RESULTS / "figures" / f"{wildcards.figure}.json"
    said = json.loads(drawn.read_text(encoding="utf-8")) if drawn.is_file() else {}
    return {"figure": wildcards.figure, "message": said.get("title", "")}
