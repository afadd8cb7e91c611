"""Write every number of the running text."""

from pathlib import Path

from door import job

if __name__ == "__main__":
    with job(snakemake):
        from whylstm import records
        from whylstm.article import values

        tables = Path(snakemake.input.tables[0]).parent
        records.write_json(
            snakemake.output.json, values.build(tables, snakemake.input.claims, snakemake.params.sections)
        )
