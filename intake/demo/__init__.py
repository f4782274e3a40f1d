"""The demo: a private mail server, a fortnight of reports, the real service on a simulated clock."""
