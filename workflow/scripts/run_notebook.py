"""Execute one notebook and publish it."""

from pathlib import Path

from door import job

REPORT = Path(__file__).parents[1] / "report"

if __name__ == "__main__":
    with job(snakemake):
        from whylstm.article import notebooks

        output, log_folder = snakemake.output, Path(snakemake.log[0]).parent
        parameters = {"results": str(Path(output.html).parents[1])}
        notebooks.execute(snakemake.input.source, parameters, output.ipynb, output.html, log_folder, REPORT)
