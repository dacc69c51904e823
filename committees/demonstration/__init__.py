"""Invented people, links, meetings, ratings and actions for demonstrations and tests of scale.

Everything made here is plainly named "Demo …", dated relative to the day it is loaded, and decided by a
seed: the same seed and day give the same data. Nothing of it is put in a real person's name.
"""
