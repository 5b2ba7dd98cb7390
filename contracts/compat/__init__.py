"""兼容性 (compat): what changed between two versions of the contract, whom it breaks, and proof.

Rules find the changes; a counterexample (反例), a message that one version accepts and the other
refuses, proves a break and says in which order the two sides may be rolled out.
"""
