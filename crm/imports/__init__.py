"""The kit of imports: a sheet is previewed, committed in one transaction, and taken back."""
