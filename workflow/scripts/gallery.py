"""Write the gallery of all figures."""

from pathlib import Path

from door import job

REPORT = Path(__file__).parents[1] / "report"

if __name__ == "__main__":
    with job(snakemake):
        from whylstm.article import gallery

        page = Path(snakemake.output.html)
        gallery.write(page.parent, page, REPORT)
