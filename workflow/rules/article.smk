"""Notebooks, article, gallery and explorer: they tell and show what the tables hold, and compute nothing.

Required: tables, claims, values, figures.
Output: <results>/notebooks, <results>/article.*, <results>/gallery.html, <results>/explorer.html.
"""


rule notebooks:
    """All notebooks, executed."""
    input:
        expand("<results>/notebooks/{notebook}.{kind}", notebook=NOTEBOOKS, kind=["ipynb", "html"]),


rule run_notebook:
    """Execute one notebook on this study's results; it runs in the log folder and is published when it has run."""
    input:
        source="notebooks/{notebook}.py",
        tables=expand("<results>/tables/{table}.parquet", table=TABLES),
        figures=expand("<results>/figures/{figure}.svg", figure=FIGURES),
        claims="<results>/claims.json",
        values="<results>/values.json",
        style=REPORT_FILES,
    output:
        ipynb=ensure("<results>/notebooks/{notebook}.ipynb", non_empty=True),
        html=ensure("<results>/notebooks/{notebook}.html", non_empty=True),
    log:
        "<logs>/notebooks/{notebook}.log",
    benchmark:
        "<benchmarks>/notebooks/{notebook}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(20),
        work=6,
    params:
        code=code("run_notebook", "whylstm.article.notebooks", "whylstm.article.show"),
    script:
        "../scripts/run_notebook.py"


rule article:
    """Write the article as one page that needs no network, and as a PDF."""
    input:
        figures=expand("<results>/figures/{figure}.svg", figure=FIGURES),
        claims="<results>/claims.json",
        values="<results>/values.json",
        source=REPORT_FILES,
    output:
        html=report(
            ensure("<results>/article.html", non_empty=True),
            category="Article",
            caption="../report/article.rst",
        ),
        pdf=ensure("<results>/article.pdf", non_empty=True),
    log:
        "<logs>/article.log",
    benchmark:
        "<benchmarks>/article.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(20),
        work=6,
    params:
        left_out=WIRING.left_out,
        code=code("article", "whylstm.article.render"),
    script:
        "../scripts/article.py"


rule gallery:
    """Write the gallery: every figure with its words, its table, its code and the command that makes it again."""
    input:
        figures=expand("<results>/figures/{figure}.svg", figure=FIGURES),
        source=REPORT_FILES,
    output:
        html=ensure("<results>/gallery.html", non_empty=True),
    log:
        "<logs>/gallery.log",
    benchmark:
        "<benchmarks>/gallery.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=2,
    params:
        code=code("gallery", "whylstm.article.gallery"),
    script:
        "../scripts/gallery.py"


rule explorer:
    """Write the explorer: a page to play with a small LSTM, and to walk through what was measured."""
    input:
        tables=expand("<results>/tables/{table}.parquet", table=["points", "lag_profile", "hop_spectrum", "reach"]),
        source=EXPLORER_FILES,
    output:
        html=ensure("<results>/explorer.html", non_empty=True),
    log:
        "<logs>/explorer.log",
    benchmark:
        "<benchmarks>/explorer.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=2,
    params:
        code=code("explorer", "whylstm.article.explorer"),
    script:
        "../scripts/explorer.py"


rule provenance:
    """Write what the results were made with, and the hash of each: versions, commit, config, processor."""
    input:
        products=PRODUCTS,
    output:
        json=ensure("<results>/provenance.json", non_empty=True),
    log:
        "<logs>/provenance.log",
    benchmark:
        "<benchmarks>/provenance.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=2,
    params:
        config=STUDY,
        code=code("provenance", "whylstm.records.provenance"),
    script:
        "../scripts/provenance.py"
