"""各系统的差别: what Linux, macOS and Windows do differently, each in one place.

Whatever only some systems offer is called here and nowhere else; the rest of the project asks for
what it needs and does not know on which system it runs.
"""
