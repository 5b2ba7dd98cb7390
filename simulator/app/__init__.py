"""组装: the simulator put together: settings become parts, parts are started and stopped."""

from simulator.app.lifecycle import Addresses, Simulator, serve

__all__ = ["Addresses", "Simulator", "serve"]
