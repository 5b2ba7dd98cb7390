"""兼容性 (compat): what changed between two versions of the contract, whom it breaks, and proof.

Rules find the changes; a witness document, accepted by one version and refused by the other, proves
a break and says in which order the two sides may be rolled out.
"""
