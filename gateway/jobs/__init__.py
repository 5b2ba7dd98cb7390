"""What runs by itself: one loop for the intake, one for each outlet, and ticks that wake them.

A tick says when to look, the ledger says what there is to do. So no loop carries state that
matters, a missed tick loses nothing, and a loop never runs twice at once.
"""
