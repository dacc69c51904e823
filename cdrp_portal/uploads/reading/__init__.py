"""Reads an uploaded file in full, refuses what hides in it, and writes it anew without who made it where.

Runs in a child process of its own (`cdrp_portal.uploads.limited`) with bounded memory and time, so it
imports nothing of the portal: a file that breaks a reader breaks that child and nothing else.
"""


class Refused(Exception):
    """The file is not taken; the message says why, and what to do where something can be done."""
