"""Train what the records of one chunk's trials lack, and write the manifest that states what they hold."""

from pathlib import Path

from door import job

if __name__ == "__main__":
    with job(snakemake) as account:
        from whylstm import records
        from whylstm.study import train

        asked = snakemake.params
        wanted = dict(asked.trials)
        account.share = 0.0

        def say(line: str, networks: int) -> None:
            """Say in the log how far the job is, and on its account how much of it had to be done."""
            account.share = networks / sum(wanted.values())
            print(line, flush=True)

        manifest = train.run_chunk(wanted, asked.seed, Path(asked.folder), say)
        records.write_json(snakemake.output.manifest, manifest)
