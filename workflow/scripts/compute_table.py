"""Compute the table of one statistic."""

from door import job

if __name__ == "__main__":
    with job(snakemake):
        from whylstm import statistics

        statistics.compute(
            snakemake.wildcards.statistic,
            snakemake.input.sources,
            snakemake.output.table,
            snakemake.params.folder,
            snakemake.params.expected,
        )
