"""Bytes in, values out: mails, documents and report forms. Knows no database, no mail server, no clock."""
