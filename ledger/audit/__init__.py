"""The auditor: trusts no server, imports only the pure floors."""
