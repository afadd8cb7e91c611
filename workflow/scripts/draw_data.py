"""Draw the sequences of one task and length."""

from door import job

if __name__ == "__main__":
    with job(snakemake):
        from whylstm.study import data

        asked = snakemake.params
        data.stage(snakemake.output.data, asked.task, asked.length, asked.replicates, asked.seed)
