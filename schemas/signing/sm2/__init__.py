"""SM2 (国密签名): the engine of the suite, and the two back ends it can stand on."""
