"""A made-up finished study, in small: every kind of file, with its provenance."""

import hashlib

import pytest

from whylstm import records

CONFIG = {"tier": "smoke", "seed": 7, "gain": [0.5, float("inf")]}
PRODUCTS = {
    "tables/reach.parquet": b"PAR1",
    "figures/fig 01 – ü.svg": b"<svg/>",
    "manifests/simulate/lstm.json": b"{}\n",
    "article.html": b"<!doctype html>",
    "notebooks/01.ipynb": b"{}",
}


@pytest.fixture
def root(tmp_path):
    """A checkout with a workflow and finished results."""
    root = tmp_path / "study"
    for name in ("Snakefile", "LICENSE", "config.yaml", "requirements.lock", "workflow/tiers/smoke.yaml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name}\n")
    results = root / "results" / "smoke"
    for name, content in PRODUCTS.items():
        records.write_bytes(results / name, content)
    stated = {
        "study": {"version": "0.1.0", "commit": None, "dirty": None},
        "config": CONFIG,
        "config_sha256": hashlib.sha256(records.dumps(CONFIG).encode()).hexdigest(),
        "python": "3.12.1",
        "packages": {"snakemake": "9.27.1"},
        "products": {name: hashlib.sha256(content).hexdigest() for name, content in PRODUCTS.items()},
    }
    records.write_json(results / "provenance.json", stated)
    return root


@pytest.fixture
def results(root):
    return root / "results" / "smoke"


@pytest.fixture
def archive(root, results):
    from whylstm.release import pack

    return pack(root, results, CONFIG)
