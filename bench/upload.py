"""A PDF of sixty receipts on ten pages, from the first byte sent to the sixtieth judgement.

One PostgreSQL that writes durably, one gunicorn, one clerk; every receipt is of a touch of its
own and is judged as at the counter: opened, found, weighed, written down.
"""

from __future__ import annotations

import json
import sys
from http.client import HTTPConnection
from random import Random
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.utils import timezone

from bench import town
from bench.pictures import scanned
from bench.rates import HOST, PORT, sequenced, served
from bench.report import machine, tell
from trips.receipt import receipt_of

CODES, ROUNDS, LIMIT_S = 60, 5, 3.0
PATH = "/api/v1/verifications/files"


def main() -> None:
    dice, now = Random(20_261_127), timezone.now()
    here = town.built(travellers=CODES, clerks=ROUNDS, now=now, name="올림시청")
    texts = [
        receipt_of(town.touched(here, resident, dice, now), reader=resident.person).text
        for resident in here.residents
    ]
    paper = scanned(texts)
    with served(), sequenced():
        _logged(here, texts[-1])
        waited = [sent(paper, cookie=clerk.cookie) for clerk in here.clerks]
    sys.stdout.write(f"upload: {machine()}; {len(paper) // 1024} KiB\n")
    tell("PDF of 60 codes, s from upload to the last", waited, limit=LIMIT_S, at_least=False)


def _logged(here: town.Town, text: str) -> None:
    """The sequencer has given every touch its place: what is not logged yet is not genuine."""
    body = json.dumps({"text": text, "source": "camera"})
    clerk = here.clerks[0].cookie
    for _ in range(200):
        answer = asked("/api/v1/verifications", body.encode(), "application/json", clerk)
        if answer["genuine"]["code"] == "genuine":
            return
    raise SystemExit("the touches did not come into the log")


def sent(paper: bytes, *, cookie: str) -> float:
    mark = uuid4().hex
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    body = head.encode() + paper + f"\r\n--{mark}--\r\n".encode()
    start = perf_counter()
    said = asked(PATH, body, f"multipart/form-data; boundary={mark}", cookie)
    spent = perf_counter() - start
    genuine = [one["genuine"]["code"] for one in said["results"]].count("genuine")
    if genuine != CODES:
        raise SystemExit(f"{genuine} of {CODES} receipts were judged genuine")
    return spent


def asked(path: str, body: bytes, kind: str, cookie: str) -> Any:
    line = HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {"Host": HOST, "Cookie": cookie, "X-CSRFToken": town.CSRF, "Content-Type": kind}
    line.request("POST", path, body, headers)
    answer = line.getresponse()
    said = answer.read()
    line.close()
    if answer.status != 200:
        raise SystemExit(f"{answer.status}: {said[:300]!r}")
    return json.loads(said)


if __name__ == "__main__":
    main()
