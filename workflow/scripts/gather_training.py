"""Gather the records of all trained networks into the tables of the study."""

from pathlib import Path

from door import job

if __name__ == "__main__":
    with job(snakemake):
        from whylstm import records
        from whylstm.study import gather

        asked = snakemake.params
        manifests = [Path(path) for path in snakemake.input.manifests]
        for table, path in snakemake.output.items():
            frame = gather.gather(table, manifests, Path(asked.folder), asked.networks)
            records.write_table(path, frame, table)
