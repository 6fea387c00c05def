"""Every change of what is agreed and what was promised."""
