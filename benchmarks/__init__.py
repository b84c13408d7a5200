"""The same classifier behind every peer, measured side by side by one command: ``make bench``."""
