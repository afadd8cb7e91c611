"""Data and simulation: sequences drawn once, gradients measured point by point, one job for each chunk of points.

Required: nothing. Output: <results>/data, <results>/records (kept and added to), <results>/manifests.
"""


rule data:
    """All sequences that drive the models."""
    input:
        SEQUENCES,


rule draw_data:
    """Draw the sequences of one task and length, replicate by replicate, each from a stream of its own."""
    output:
        data=ensure("<results>/data/{task}-t{length}.npz", non_empty=True),
    log:
        "<logs>/data/{task}-t{length}.log",
    benchmark:
        "<benchmarks>/data/{task}-t{length}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=1.5,
    params:
        task=lambda w: w.task,
        length=lambda w: int(w.length),
        replicates=REPLICATES,
        seed=STUDY["seed"],
        code=lambda w: code("draw_data", "whylstm.study.data", f"whylstm.tasks.{w.task}"),
    script:
        "../scripts/draw_data.py"


rule simulate:
    """All gradients at initialisation, as one manifest per chunk."""
    input:
        expand("<results>/manifests/simulate/{chunk}.json", chunk=CHUNKS),


rule simulate_chunk:
    """Measure what the records of a chunk's points lack: exact lag Jacobians of every replicate and window."""
    input:
        data=lambda w: "<results>/data/{0.task}-t{0.length}.npz".format(CHUNKS[w.chunk].points[0]),
    output:
        manifest=ensure("<results>/manifests/simulate/{chunk}.json", non_empty=True),
    log:
        "<logs>/simulate/{chunk}.log",
    benchmark:
        "<benchmarks>/simulate/{chunk}.tsv"
    priority: lambda w: CHUNKS[w.chunk].priority
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=memory_of(CHUNKS),
        runtime=minutes_of(CHUNKS),
        gpu=GPUS,
        work=lambda w: CHUNKS[w.chunk].seconds,
    params:
        points=lambda w: list(CHUNKS[w.chunk].points),
        seed=STUDY["seed"],
        replicates=REPLICATES,
        device=STUDY["device"],
        folder=f"{RESULTS}/records",
        code=lambda w: chunk_code(CHUNKS[w.chunk]),
    script:
        "../scripts/simulate_chunk.py"
