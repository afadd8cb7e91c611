"""Write the sidecar that says what the results were made with."""

from pathlib import Path

from door import job

if __name__ == "__main__":
    with job(snakemake):
        from whylstm import records
        from whylstm.records import provenance

        output = Path(snakemake.output.json)
        made_with = provenance.describe(
            snakemake.params.config, snakemake.input.products, output.parent, snakemake.threads
        )
        records.write_json(output, made_with)
