"""Mail, PDF, sheet and page of a report, drawn from its frozen payload and nothing else."""
