"""Everything that changes reports, subscriptions, runs and deliveries."""
