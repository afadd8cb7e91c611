"""The numbers of the text, one file per section: each turns tables and claims into values under keys."""
