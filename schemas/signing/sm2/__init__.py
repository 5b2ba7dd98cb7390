"""SM2 (国密签名): the port, two back ends that implement it, their choice, and the engine."""
