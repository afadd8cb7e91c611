"""The study, from config.yaml to the article: data -> simulate, train -> tables -> claims -> figures, notebooks -> article.

snakemake --cores all                       the default tier, into results
snakemake --cores all --config tier=smoke   a small one, into results/smoke
snakemake --cores all figures               up to a stage: data, simulate, train, tables, claims, figures, notebooks, article
"""

from snakemake.utils import min_version

min_version("9.12")  # pathvars


include: "workflow/rules/common.smk"


pathvars:
    results=PLAN.folder.as_posix(),
    logs=f"{PLAN.folder.as_posix()}/logs",
    benchmarks=f"{PLAN.folder.as_posix()}/benchmarks",


report: "workflow/report/workflow.rst"


container: IMAGE  # used with --software-deployment-method apptainer only


wildcard_constraints:
    task="[a-z0-9_]+",
    length="[0-9]+",
    chunk="[a-z0-9_-]+",
    table="[a-z0-9_]+",
    figure="[a-z0-9_]+",
    notebook="[a-z0-9_]+",


# What stays on the machine where a run on a cluster was started: jobs of a few seconds that read little. All else goes to
# a node: chunks, training, experiments, tables (they read all records), notebooks, the article, and the provenance,
# which states the processor.
localrules:
    all,
    data,
    simulate,
    train,
    tables,
    figures,
    notebooks,
    draw_data,
    list_points,
    list_trials,
    list_tasks,
    claims,
    values,
    draw_figure,
    gallery,
    explorer,


rule all:
    """Everything: the article and what it stands on. Each product is named, so that one that is lost is made again."""
    default_target: True
    input:
        SEQUENCES,
        PRODUCTS,
        "<results>/provenance.json",


include: "workflow/rules/simulate.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/article.smk"


onstart:
    begin(log)
    say_work(workflow.dag.needrun_jobs())


onsuccess:
    files.sweep(PLAN.folder)  # of jobs that were killed in this run, and done again
    if "WHYLSTM_SUMMARY" not in os.environ:  # workflow/run.py says it, even where nothing was to be done
        print(summary.text(RESULTS))
