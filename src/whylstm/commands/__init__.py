"""Commands of ``python -m whylstm``: one file each, found by its name; its first docstring line is its help."""
