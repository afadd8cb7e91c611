"""Judge every claim, and write the verdicts as JSON and as a table."""

from pathlib import Path

from door import job

if __name__ == "__main__":
    with job(snakemake):
        from whylstm import claims, records

        judged = claims.evaluate(Path(snakemake.input.tables[0]).parent, chosen=snakemake.params.claims)
        records.write_json(snakemake.output.json, judged)
        records.write_table(snakemake.output.table, claims.table(judged), "claims")
