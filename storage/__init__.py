"""What happened: the vault of raw mails, the ledger, its hash-chained log, the outbox. Knows no mail, no form."""
