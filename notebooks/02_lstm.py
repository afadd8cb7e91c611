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
# # Why an LSTM works: paths, products and hops
#
# The tables, figures and verdicts behind the second section of the article. Nothing is computed here.

# %% tags=["parameters"]
results = "results"

# %%
from whylstm.article.show import Study

study = Study.at(results)

# %% [markdown]
# ## Two ways from $h$ to $h$, and the paths that a product leaves out
#
# The state of an LSTM is the pair $(h, C)$. The article of 2018 multiplies $\partial h_i / \partial h_{i-1}$, which
# keeps the paths that come back to $h$ at every step and drops all others.

# %%
study.claim("C6")

# %%
study.claim("C7")

# %%
study.figure(3)

# %% [markdown]
# Ratios of norms against the lag, as $\log_{10}$: `article_to_truth` is the product over the true block,
# `defect_to_truth` is what the product misses over the true block.

# %%
study.table("article_gap", ["cell", "gain", "forget_bias", "hidden", "comparison", "lag", "median", "low", "high", "n"])

# %% [markdown]
# ## The detour and the forget gate

# %%
study.claim("C8")

# %%
study.figure(4)

# %% [markdown]
# ## The product of forget gates, and the whole gradient

# %%
study.claim("C9")

# %%
study.claim("C10")

# %%
study.claim("C11")

# %%
study.figure(7)

# %%
study.table(
    "reach",
    ["cell", "gain", "forget_bias", "hidden", "exponent", "exponent_low", "exponent_high", "memory", "n"],
    where={"cell": "lstm"},
    rows=30,
)

# %% [markdown]
# ## How many recurrent matrices a path crosses
#
# `hop` counts the recurrent matrices on a path. `median` is the norm of all paths with that count over the norm of the
# whole gradient ($\log_{10}$); `share` is the part of the sum of squares.

# %%
study.figure(5)

# %%
study.figure(6)

# %%
study.table("hop_spectrum", ["cell", "gain", "forget_bias", "hidden", "lag", "hop", "median", "share", "n"])

# %% [markdown]
# ## Predicted and measured growth

# %%
study.table(
    "growth",
    ["cell", "gain", "forget_bias", "hidden", "prediction", "predicted", "measured", "difference", "n"],
    where={"cell": "lstm"},
    rows=20,
)
