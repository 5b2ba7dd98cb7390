"""The error of listening and connecting that whoever reads settings is told."""


class TransportMisconfigured(Exception):
    """An address or a file of TLS is unfit: which setting, what is wrong with it, and the cure."""
