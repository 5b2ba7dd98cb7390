"""共同语言: the words both sides speak: frozen models, code tables, signatures.

Imports nothing of ours.
"""
