"""Reasons (原因): why a program refuses a setting, a key, a file or to start, as values.

An error carries reasons: a stable code, parameters, and where it is. The log says them in the
English sentence of the code; people read them in Chinese, by texts that stand beside the codes of
each package (`*_texts`) and are put together where people read.
"""
