"""Questions about agreements, deals and commitments."""
