"""The mailbox: where mails come from and are filed to. IMAP and Maildir; wrapped here and nowhere else."""
