"""Write the table of what guessing earns at each task and length."""

from door import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from whylstm import records
        from whylstm.study import data

        rows = [row for task, length in snakemake.params.data for row in data.trivial_rows(task, length)]
        records.write_table(snakemake.output.table, pd.DataFrame(rows) if rows else records.empty("tasks"), "tasks")
