"""The model as it is used: run on a real batch, looked at, and measured from random directions in seconds.

    seen = observe(model, batch, loss=f)        # one forward pass; f(outputs, batch) is a scalar
    for part in seen.parts:                     # every recurrent part, named
        found = measure(part)                   # norm and carry share by lag, λ₁, memory, verdict, with intervals
    seen = observe_step(f, state, inputs)       # any recurrence f(state, x) -> state, without a model

Nothing about the model changes: weights, buffers, gradients, mode and random state are as before, bit for bit.
"""

from whylstm.diagnosis.observation.measuring import Measured, measure
from whylstm.diagnosis.observation.running import Observation, observe, observe_step

__all__ = ["Measured", "Observation", "measure", "observe", "observe_step"]
