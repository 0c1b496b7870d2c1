"""`fieldline doctor`: is this installation able to answer a call, and if not, what mends it."""
