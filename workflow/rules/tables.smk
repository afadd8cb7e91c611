"""Tables: what describes the design, and one tidy table for each statistic; then the verdicts and the numbers.

Required: manifests of all chunks. Output: <results>/tables, <results>/claims.*, <results>/values.json.
"""


rule tables:
    """All tables."""
    input:
        expand("<results>/tables/{table}.parquet", table=TABLES),


rule list_points:
    """List the design points with everything that defines them."""
    output:
        table=tabled("<results>/tables/points.parquet", "points"),
    log:
        "<logs>/tables/points.log",
    benchmark:
        "<benchmarks>/tables/points.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=1.5,
    params:
        points=PLAN.points,
        code=code("list_points", "whylstm.study.design", "whylstm.records", tables=("points",)),
    script:
        "../scripts/list_points.py"


rule list_tasks:
    """List what guessing earns at each task and length, so that no result is shown without its floor."""
    output:
        table=tabled("<results>/tables/tasks.parquet", "tasks"),
    log:
        "<logs>/tables/tasks.log",
    benchmark:
        "<benchmarks>/tables/tasks.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=1.5,
    params:
        data=FLOORS,
        code=code(
            "list_tasks", "whylstm.study.data", *[f"whylstm.tasks.{task}" for task, _ in FLOORS], tables=("tasks",)
        ),
    script:
        "../scripts/list_tasks.py"


rule perform_experiment:
    """Perform one experiment of the laboratory: an equation, a theory or an example held against exact numbers."""
    output:
        table=tabled("<results>/tables/{experiment}.parquet"),
    log:
        "<logs>/tables/{experiment}.log",
    benchmark:
        "<benchmarks>/tables/{experiment}.tsv"
    wildcard_constraints:
        experiment="|".join(EXPERIMENTS),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
        work=10,
    params:
        settings=lambda w: experiment_settings(w.experiment),
        seed=STUDY["seed"],
        code=lambda w: experiment_code(w.experiment),
    script:
        "../scripts/perform_experiment.py"


rule compute_table:
    """Compute the table of one statistic, from records point by point or from finished tables."""
    input:
        sources=lambda w: sources_of(STATISTICS[w.statistic]),
    output:
        table=tabled("<results>/tables/{statistic}.parquet"),
    log:
        "<logs>/tables/{statistic}.log",
    benchmark:
        "<benchmarks>/tables/{statistic}.tsv"
    wildcard_constraints:
        statistic="|".join(STATISTICS),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
        work=lambda w: 1.5 + 0.01 * len(PLAN.points) * ("records" in STATISTICS[w.statistic]),
    params:
        folder=f"{RESULTS}/records",
        expected=lambda w: HELD if STATISTICS[w.statistic].get("records") else None,
        code=lambda w: statistic_code(w.statistic),
    script:
        "../scripts/compute_table.py"


rule claims:
    """Judge every claim of the article by its rule: a verdict is computed, never typed."""
    input:
        tables=expand(
            "<results>/tables/{table}.parquet", table=read_by(*[claim["tables"] for claim in CLAIMS.values()])
        ),
    output:
        json=ensure("<results>/claims.json", non_empty=True),
        table=ensure("<results>/claims.parquet", non_empty=True),
    log:
        "<logs>/claims.log",
    benchmark:
        "<benchmarks>/claims.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=2,
    params:
        claims=sorted(CLAIMS),
        code=code("claims", *[f"whylstm.claims.{claim}" for claim in CLAIMS], "whylstm.claims", tables=("claims",)),
    script:
        "../scripts/claims.py"


rule values:
    """Compute every number of the running text, under the key by which the text asks for it."""
    input:
        tables=expand(
            "<results>/tables/{table}.parquet",
            table=read_by(*[section["arguments"][0] for section in NUMBERS.values()]),
        ),
        claims="<results>/claims.json",
    output:
        json=ensure("<results>/values.json", non_empty=True),
    log:
        "<logs>/values.log",
    benchmark:
        "<benchmarks>/values.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=2,
    params:
        sections=sorted(NUMBERS),
        code=code("values", "whylstm.article.values", *[f"whylstm.article.numbers.{name}" for name in NUMBERS]),
    script:
        "../scripts/values.py"
