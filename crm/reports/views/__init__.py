"""Pages of their own: frozen reports, previews, stored mails, the link in each mail."""
