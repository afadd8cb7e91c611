"""Figures: one job each, from finished tables and judged claims. Editing one reruns it and what shows it.

Required: tables, claims. Output: <results>/figures.
"""


rule figures:
    """All figures."""
    input:
        expand("<results>/figures/{figure}.{kind}", figure=FIGURES, kind=["svg", "pdf", "png", "json"]),


rule draw_figure:
    """Draw one figure as SVG, PDF and PNG, with a record of its words, its tables, its code and its command."""
    input:
        tables=lambda w: [
            f"<results>/tables/{table}.parquet" for table in FIGURES[w.figure]["tables"] if table in TABLES
        ],
        claims="<results>/claims.json",
    output:
        svg=report(
            ensure("<results>/figures/{figure}.svg", non_empty=True),
            category="Figures",
            caption="../report/figure.rst",
            labels=pictured,
        ),
        pdf=ensure("<results>/figures/{figure}.pdf", non_empty=True),
        png=ensure("<results>/figures/{figure}.png", non_empty=True),
        json=ensure("<results>/figures/{figure}.json", non_empty=True),
    log:
        "<logs>/figures/{figure}.log",
    benchmark:
        "<benchmarks>/figures/{figure}.tsv"
    wildcard_constraints:
        figure="|".join(FIGURES),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
        work=4,
    params:
        code=lambda w: code("draw_figure", "whylstm.figures.base", f"whylstm.figures.{w.figure}"),
    script:
        "../scripts/draw_figure.py"
