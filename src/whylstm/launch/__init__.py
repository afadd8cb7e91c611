"""How a run is started: by which profile of Snakemake's, on this machine or on a cluster. It computes nothing."""
