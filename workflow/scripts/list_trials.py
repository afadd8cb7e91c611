"""Write the table of what is trained."""

from door import job

if __name__ == "__main__":
    with job(snakemake):
        from whylstm import records
        from whylstm.study import gather

        asked = snakemake.params
        records.write_table(snakemake.output.table, gather.trial_table(asked.trials, asked.seeds), "trials")
