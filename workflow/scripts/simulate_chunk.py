"""Measure what the records of one chunk's design points lack, and write the manifest that states what they hold."""

from pathlib import Path

from door import job, progress

if __name__ == "__main__":
    with job(snakemake) as account:
        from whylstm import records
        from whylstm.study import data, simulate

        asked = snakemake.params
        whole = len(asked.points) * asked.replicates
        inputs = data.read(snakemake.input.data).inputs
        manifest = simulate.run_chunk(
            asked.points,
            asked.seed,
            inputs,
            Path(asked.folder),
            asked.replicates,
            device=asked.device,
            progress=lambda done, total, new: progress(done, total, account, new / whole),
        )
        records.write_json(snakemake.output.manifest, manifest)
