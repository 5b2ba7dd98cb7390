"""Decisions, pure: the life of a case, screening, routing, due dates, retries.

Nothing here reads a clock, a file or a network; whatever a decision needs comes in as an argument.
"""
