"""Write the article as a page and as a PDF."""

from pathlib import Path

from door import job

REPORT = Path(__file__).parents[1] / "report"

if __name__ == "__main__":
    with job(snakemake):
        from whylstm.article import render

        output = snakemake.output
        results = Path(output.html).parent
        render.html(REPORT, results, output.html, snakemake.params.left_out)
        render.pdf(REPORT, results, output.pdf, snakemake.params.left_out)
