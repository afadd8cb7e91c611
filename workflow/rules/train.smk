"""Training: what is trained, the networks, one job for each chunk of trials, and the tables of what they did.

Required: nothing. Output: <results>/records (kept and added to), <results>/manifests, <results>/tables. A study whose
config has no ``training`` has none of it.
"""


rule train:
    """All trained networks, as one manifest per chunk."""
    input:
        expand("<results>/manifests/train/{chunk}.json", chunk=TRAINING),


rule list_trials:
    """List what is trained, by experiment and arm, with everything that defines it."""
    output:
        table=tabled("<results>/tables/trials.parquet", "trials"),
    log:
        "<logs>/tables/trials.log",
    benchmark:
        "<benchmarks>/tables/trials.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=1.5,
    params:
        trials=PLAN.trials,
        seeds=PLAN.seeds,
        code=code("list_trials", "whylstm.study.gather", "whylstm.records", tables=("trials",)),
    script:
        "../scripts/list_trials.py"


rule train_chunk:
    """Train the networks that the records of a chunk's trials lack; a job that was killed goes on where it was."""
    output:
        manifest=ensure("<results>/manifests/train/{chunk}.json", non_empty=True),
    log:
        "<logs>/train/{chunk}.log",
    benchmark:
        "<benchmarks>/train/{chunk}.tsv"
    wildcard_constraints:
        chunk="|".join(TRAINING) or "nothing",
    priority: lambda w: TRAINING[w.chunk].priority
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory_of(TRAINING),
        runtime=minutes_of(TRAINING),
        work=lambda w: TRAINING[w.chunk].seconds,
    params:
        trials=lambda w: list(TRAINING[w.chunk].trials),
        seed=STUDY["seed"],
        folder=f"{RESULTS}/records",
        code=lambda w: training_code(TRAINING[w.chunk]),
    script:
        "../scripts/train_chunk.py"


rule gather_training:
    """Gather what the trained networks did into tables; a record that is missing or another than stated is an error."""
    input:
        manifests=expand("<results>/manifests/train/{chunk}.json", chunk=TRAINING),
    output:
        runs=tabled("<results>/tables/runs.parquet", "runs"),
        learning=tabled("<results>/tables/learning.parquet", "learning"),
        examinations=tabled("<results>/tables/examinations.parquet", "examinations"),
        probes=tabled("<results>/tables/probes.parquet", "probes"),
        probe_lags=tabled("<results>/tables/probe_lags.parquet", "probe_lags"),
        extrapolation=tabled("<results>/tables/extrapolation.parquet", "extrapolation"),
    log:
        "<logs>/tables/training.log",
    benchmark:
        "<benchmarks>/tables/training.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
        work=1.5 + 0.02 * len(PLAN.networks),
    params:
        networks={trial.id: count for trial, count in PLAN.networks.items()},
        folder=f"{RESULTS}/records",
        code=code(
            "gather_training", "whylstm.study.gather", "whylstm.records", without=trials.PLANNING, tables=TRAINED[1:]
        ),
    script:
        "../scripts/gather_training.py"
