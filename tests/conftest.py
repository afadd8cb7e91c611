"""What every test relies on: float64, one thread, and random examples that are the same in every run."""

import hypothesis
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

# No deadline: a shared machine is slow at times. No database: a run leaves nothing that changes the next one.
hypothesis.settings.register_profile("study", derandomize=True, deadline=None, max_examples=25, database=None)
hypothesis.settings.load_profile("study")
