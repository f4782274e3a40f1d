"""The nearest questions to ours, put to Datasette over the same SQLite file; a script of its own, run by ``.venv-bench``.

    datasette_pages.py DATABASE

In process through its own client, as ours are asked: no network on either side. Counting all rows and suggesting facets are switched
off, which is in its favour. Prints one JSON object: question → seconds by the clock and by the processor of each request. Imports
this project nowhere.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time

from datasette.app import Datasette

EACH = 24
PLAIN = "_nocount=1&_nofacet=1&_nosuggest=1&_size=50"


def questions(name: str, mails: int) -> dict[str, list[str]]:
    luck = random.Random(7)
    some = lambda make: [make() for _ in range(EACH)]  # noqa: E731
    before = lambda: f"id__lt={luck.randrange(1, mails)}&_sort_desc=id"  # noqa: E731
    return {
        "log": some(lambda: f"/{name}/mail?{PLAIN}&{before()}"),
        "log, state": some(lambda: f"/{name}/mail?{PLAIN}&_sort_desc=id&state__exact={luck.choice(('recorded', 'needs_review', 'bounce'))}"),
        "mail": some(lambda: f"/{name}/mail/{luck.randrange(1, mails)}"),
        "search, a place": some(
            lambda: f"/{name}/mail?{PLAIN}&{before()}&_search={luck.choice(('dakrong', 'khe sanh', 'vinh linh'))}&_fts_table=mail_text&_fts_pk=id"
        ),
        "search, common words": some(
            lambda: f"/{name}/mail?{PLAIN}&{before()}&_search={luck.choice(('bao cao tuan', 'ban tin'))}&_fts_table=mail_text&_fts_pk=id"
        ),
    }  # fmt: skip


async def main(file: str) -> None:
    served = Datasette([file], settings={"sql_time_limit_ms": 20_000, "suggest_facets": False, "num_sql_threads": 3})
    await served.invoke_startup()
    (name,) = [one for one in served.databases if not one.startswith("_")]
    mails = (await served.get_database(name).execute("SELECT max(id) FROM mail")).first()[0]
    found: dict[str, list[tuple[float, float]]] = {}
    for question, addresses in questions(name, mails).items():
        await served.client.get(addresses[0])
        for address in addresses:
            begun, busy = time.perf_counter(), time.process_time()
            answer = await served.client.get(address)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code} {answer.text[:300]}")
            found.setdefault(question, []).append((time.perf_counter() - begun, time.process_time() - busy))
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
