#!/usr/bin/env bash
# Print the Python that the environment is made with: the one in PYTHON if that is set, else the first that fits.
set -euo pipefail

fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
candidates=(python3 python3.13 python3.12 python3.11 python)
[ -z "${PYTHON:-}" ] || candidates=("$PYTHON")

for candidate in "${candidates[@]}"; do
  if "$candidate" -c "$fits" 2>/dev/null; then
    command -v "$candidate"
    exit 0
  fi
done

version=$("${candidates[0]}" --version 2>/dev/null) || version="not there"
echo "whylstm needs Python 3.11, 3.12 or 3.13, but ${candidates[0]} is $version;" \
  "name another one: make PYTHON=/path/to/python3.12" >&2
exit 1
