"""The study: its configuration, its design points, how they are cut into jobs, and the stages that compute them.

Reading a config, laying out the design and planning the jobs import no array library, so that they cost nothing where
a workflow is parsed.
"""
