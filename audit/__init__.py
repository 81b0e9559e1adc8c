"""The auditor's room: search, and take away what can be checked elsewhere."""
