"""Write the table of the design points."""

from door import job

if __name__ == "__main__":
    with job(snakemake):
        import pandas as pd

        from whylstm import records

        rows = [{"point": point.id, **point.row()} for point in snakemake.params.points]
        read = dict.fromkeys(("gain", "forget_bias", "input_scale"), "float64")
        records.write_table(snakemake.output.table, pd.DataFrame(rows).astype(read), "points")
