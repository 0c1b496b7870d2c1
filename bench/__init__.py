"""What is measured, and how to repeat it: `fieldline bench NAME`."""
