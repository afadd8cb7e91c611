"""Diagnosis of a user's recurrent network: how far back its gradient reaches, by which paths, and what would help."""
