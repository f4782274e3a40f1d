"""Servers the tests talk to: a real Dovecot, a scripted IMAP server that misbehaves on purpose, an SMTP sink."""
