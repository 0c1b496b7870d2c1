"""`fieldline demo`: a technician's working day by telephone, on a scratch database with a pinned clock."""
