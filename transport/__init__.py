"""传输: how programs listen and connect: addresses, bounded connections, TLS; it knows no message.

Gateway and simulator both stand on it, so that both keep the same limits and read the same
certificates. What is wrong with a setting is told as `TransportMisconfigured`.
"""
