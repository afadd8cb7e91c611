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
# # Discussion: the claims and their verdicts
#
# Every claim with its rule, its number and its verdict, and every number that the article's text uses. Nothing is
# computed here.

# %% tags=["parameters"]
results = "results"

# %%
from whylstm.article.show import Study

study = Study.at(results)

# %% [markdown]
# ## All verdicts
#
# The rule of each claim was fixed before the numbers; the verdict is what the rule makes of them.

# %%
study.verdicts()

# %% [markdown]
# ## Claim by claim

# %%
study.claims()

# %% [markdown]
# ## The numbers of the text

# %%
study.numbers()
