"""A run that tests kill: train a few models with a checkpoint after every update, and print a digest at the end."""

import hashlib
import json
import sys
from pathlib import Path

import torch

from tests.training import models
from whylstm.training import checkpoint, loop
from whylstm.training.evaluate import Examination
from whylstm.training.plan import Plan


def main(saved: str) -> None:
    ensemble = models.ensemble("lstm", "temporal_order", models.members(3, detach=0.2), 6, torch.float32)
    plan = Plan(4, "temporal_order", (10, 10), "adam", 4, 400, Examination(every=3, screen=250, sequences=250))
    run = loop.train(ensemble, plan, saved=Path(saved) if saved else None, save_every=0, progress=tell)
    text = json.dumps([getattr(run, name) for name in checkpoint.LISTS])
    rows = b"".join(run.final[name].numpy().tobytes() for name in sorted(run.final))
    say("digest " + hashlib.sha256(text.encode() + rows).hexdigest())


def tell(update: int, budget: int, models_left: int) -> None:
    say(f"update {update}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
