"""Background work, one file each: `python -m fieldline.duties` runs them all until it is told to stop."""
