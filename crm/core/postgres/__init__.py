"""PostgreSQL as Django knows it, with less said on the way (`ENGINE = "crm.core.postgres"`)."""
