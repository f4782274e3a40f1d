"""The web console: the secretariat's board and review, the auditors' search and proof. FastAPI, Jinja2, no build step.

- ``app.py`` puts the application together; ``server.py`` runs it; ``console.py`` is what a page may reach for
- ``access.py`` people, roles, sessions, what a form must bring; ``headers.py`` what every answer carries
- ``pages.py`` templates and the message catalogue (``texts/vi.toml``); ``shown.py`` how values are written on pages
- ``routes/`` one file a page, ``templates/`` one template a page

Rules: reads go through a database connection that cannot write; changes call the same functions as the command line; every
text is in the catalogue; no inline script or style; nothing is loaded from elsewhere; all works without JavaScript but
the live refresh.
"""
