"""Who: organisations, departments, people, roles, passkeys, devices, consents."""
