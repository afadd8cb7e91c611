"""Numbers of the text by section, made from tables."""

from whylstm import families
from whylstm.article import values


def made(section, tables):
    """The values of one section, by key."""
    return families.load(values.FAMILY, section, "NUMBERS").make(tables, {})


def built(sections, tables):
    """The values of several sections, by key."""
    return {key: value for section in sections for key, value in made(section, tables).items()}
