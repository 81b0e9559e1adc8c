"""Addresses of the auditor's room."""
