"""Speed and size, measured beside a baseline in the same run: `make bench`."""
