# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   language_info:
#     name: python
# ---

# %% [markdown]
# # The problem: products that vanish, products that explode
#
# The tables, figures and verdicts behind the first section of the article. Nothing is computed here: the tables were
# made by the study, and this notebook shows them.

# %% tags=["parameters"]
results = "results"

# %%
from whylstm.article.show import Study

study = Study.at(results)

# %% [markdown]
# ## What was measured
#
# A design point is one cell with one setting of gain, forget bias, size and input. Each is measured on independent
# networks, called replicates.

# %%
study.number("study.points")

# %%
study.number("study.replicates")

# %%
study.table("points", ["point", "cell", "initialisation", "gain", "forget_bias", "hidden", "length", "task"])

# %% [markdown]
# ## The gradient as a sum over steps and lags
#
# The gradient of the loss is a sum over steps $t$ and lags $k$ of
# $\frac{\partial e_t}{\partial s_t}\, G_{t,k}\, \frac{\partial^{+} s_{t-k}}{\partial \theta}$, where $\partial^{+}$
# holds the state before fixed. These claims are identities: what is measured is the error of each version.

# %%
study.claim("C1")

# %%
study.claim("C2")

# %%
study.claim("C3")

# %% [markdown]
# ## Smaller than one, larger than one

# %%
study.claim("C4")

# %%
study.claim("C5")

# %% [markdown]
# The figure shows norms of the block from $h$ to $h$ against the lag. The table below it has the tanh network's rates:
# `exponent` is the slope of $\ln \lVert G \rVert$ in nats per step, with its interval over replicates.

# %%
study.figure(2)

# %%
study.table(
    "reach",
    ["cell", "gain", "hidden", "exponent", "exponent_low", "exponent_high", "memory", "n"],
    where={"cell": "tanh"},
    rows=24,
)

# %% [markdown]
# The gain at which the gradient turns from falling to growing, for networks that differ in nothing else:

# %%
study.table("phase", ["cell", "initialisation", "task", "hidden", "forget_bias", "side", "gain", "low", "high", "n"])
