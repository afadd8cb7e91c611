"""The model as it is used: run on a real batch, looked at, and measured from random directions in seconds.

    seen = observe(model, batch, loss=f)        # one forward pass; f(outputs, batch) is a scalar
    for part in seen.parts:                     # every recurrent part, named
        found = measure(part)                   # norm and carry share by lag, λ₁, memory, verdict, with intervals
        cut = truncation(seen, part)            # with a loss: the smallest K that is enough, cosine and norm by K
        back = by_lag(seen, part)               # with a loss: ∂e/∂s, ∂e/∂x and the parameter gradient by lag
    seen = observe_step(f, state, inputs)       # any recurrence f(state, x) -> state, without a model

Nothing about the model changes: weights, buffers, gradients, mode and random state are as before, bit for bit.
"""

from whylstm.diagnosis.observation.losses import ByLag, Truncation, by_lag, truncation
from whylstm.diagnosis.observation.measuring import Measured, measure
from whylstm.diagnosis.observation.running import Observation, observe, observe_step

__all__ = [
    "ByLag",
    "Measured",
    "Observation",
    "Truncation",
    "by_lag",
    "measure",
    "observe",
    "observe_step",
    "truncation",
]
