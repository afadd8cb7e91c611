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
# # Training: who learns, how far, and what the gradient does meanwhile
#
# The figures of the training study with the tables behind them. Nothing is computed here. A study that trains no
# network has no such page.

# %% tags=["parameters"]
results = "results"

# %%
from whylstm.article.show import Study

study = Study.at(results)

# %% [markdown]
# ## Who learns
#
# `rate` is the share of runs that met the criterion, with Wilson's interval; `updates` the Kaplan-Meier median of the
# updates until then, infinite where the budget ended before. Runs that were censored and runs that diverged are counted
# apart.

# %%
study.claim("C12")

# %%
study.figure(14)

# %%
study.table(
    "success",
    ["experiment", "arm", "trial", "n", "solved", "censored", "diverged", "rate", "low", "high", "updates"],
    rows=60,
)

# %% [markdown]
# Arms on the same seeds, over all lengths that both were trained at; and the order plain, clipped, regularised.

# %%
study.table(
    "arm_pairs",
    ["experiment", "first", "second", "lengths", "n", "first_rate", "second_rate", "median", "low", "high", "p"],
    rows=30,
)

# %%
study.table("arm_trend", ["experiment", "order", "ranked", "lengths", "n", "l", "mean", "p", "p_against"])

# %% [markdown]
# ## After how many sequences

# %%
study.figure(15)

# %%
study.table("solving", ["experiment", "arm", "trial", "update", "share", "low", "high", "n"], rows=30)

# %% [markdown]
# ## The gradient while networks learn

# %%
study.figure(24)

# %%
study.table(
    "training_change",
    ["experiment", "arm", "trial", "quantity", "before", "after", "median", "low", "high", "n"],
    where={"outcome": "solved"},
    rows=40,
)

# %%
study.figure(16)

# %%
study.figure(18)

# %% [markdown]
# ## What the gradient at the start foretells
#
# Spearman's rank correlations at equal length: of all runs, between arms, and between the seeds of one arm.

# %%
study.figure(20)

# %%
study.table(
    "prediction",
    ["experiment", "cell", "scope", "predictor", "correlation", "low", "high", "n", "strata", "units", "resampled"],
    where={"outcome": "sooner"},
    rows=60,
)

# %% [markdown]
# ## Far beyond the lengths of training

# %%
study.claim("C13")

# %%
study.figure(19)

# %%
study.table(
    "extrapolation_summary",
    ["experiment", "arm", "length", "metric", "median", "low", "high", "trivial", "n"],
    where={"outcome": "solved"},
    rows=40,
)

# %% [markdown]
# ## Without recurrence

# %%
study.claim("C14")
