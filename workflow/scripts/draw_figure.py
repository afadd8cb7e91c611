"""Draw one figure and write its record."""

from pathlib import Path

from door import job

if __name__ == "__main__":
    with job(snakemake):
        from whylstm import figures

        tables = {Path(path).stem: path for path in snakemake.input.tables}
        figures.make(snakemake.wildcards.figure, tables, snakemake.input.claims, dict(snakemake.output.items()))
