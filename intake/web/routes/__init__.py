"""The pages, one file each."""

from __future__ import annotations

from intake.web.routes import (
    agency,
    board,
    exports,
    health,
    log,
    mail,
    operation,
    outcomes,
    periods,
    proof,
    review,
    roster,
    sign_in,
    single_sign_on,
    tasks,
)

ROUTERS = tuple(
    one.router
    for one in (
        health,
        sign_in,
        single_sign_on,
        board,
        tasks,
        exports,
        agency,
        mail,
        review,
        periods,
        outcomes,
        roster,
        log,
        proof,
        operation,
    )
)
