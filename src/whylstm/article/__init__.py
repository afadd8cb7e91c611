"""The article: numbers by key, one source to HTML and PDF, the gallery of figures and the notebooks that tell them."""
