"""The findings of a diagnosis: one file each, found by its name, with its words and, where it has one, its figure."""

from whylstm import families
from whylstm.diagnosis.findings.base import Finding

FAMILY = __name__


def findings() -> list[Finding]:
    """Return all findings in the order in which they are told."""
    found = [families.load(FAMILY, name, "FINDING") for name in families.names(FAMILY)]
    return sorted(found, key=lambda finding: finding.place)
