"""Letters out: wording, workbooks, the postman. Knows storage; knows neither mailbox nor form."""
