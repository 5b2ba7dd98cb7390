"""What the simulator serves: the contract's operations, its control, and pages for people."""
