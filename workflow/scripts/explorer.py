"""Write the explorer: a page to play with a small LSTM and to walk through what was measured."""

from pathlib import Path

from door import job

REPORT = Path(__file__).parents[1] / "report"

if __name__ == "__main__":
    with job(snakemake):
        from whylstm.article import explorer

        page = Path(snakemake.output.html)
        explorer.write(page.parent, page, REPORT)
