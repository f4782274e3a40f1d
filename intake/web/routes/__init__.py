"""The pages, one file each."""

from __future__ import annotations

from intake.web.routes import agency, board, health, log, mail, operation, periods, proof, review, sign_in

ROUTERS = tuple(one.router for one in (health, sign_in, board, agency, mail, review, periods, log, proof, operation))
