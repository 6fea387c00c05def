"""Everything that changes webhooks: endpoints, what they are owed, what was sent."""
