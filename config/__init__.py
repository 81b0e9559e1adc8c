"""Settings, addresses, security headers: the one room that knows everybody."""
