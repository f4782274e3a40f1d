"""The pages, one file each."""

from __future__ import annotations

from intake.web.routes import board, health, mail, review, sign_in

ROUTERS = (health.router, sign_in.router, board.router, mail.router, review.router)
