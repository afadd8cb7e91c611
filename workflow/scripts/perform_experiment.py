"""Perform one experiment outside the grid and write its table."""

from door import job

if __name__ == "__main__":
    with job(snakemake):
        from whylstm import laboratory

        asked = snakemake.params
        laboratory.perform(snakemake.wildcards.experiment, asked.seed, asked.settings, snakemake.output.table)
