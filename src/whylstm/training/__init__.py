"""Training: ensembles of models, the gradient through time written out by hand, and the loop around it."""
