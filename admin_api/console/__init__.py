"""The console: pages for the office, rendered here, without a build step or anything from elsewhere."""
