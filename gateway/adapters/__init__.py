"""适配器: the real implementations of the ports. They translate; they hold no rule and no retry."""
