r"""Records one decision and saves its receipt. Standard library only.

    python record.py decision.json --now \
        --ledger http://127.0.0.1:8080/commons --token-file example.token

Whatever happens on the way (a timeout, a 503, a lost answer), the request is sent again
with the same Idempotency-Key: the ledger then answers with the same receipt and records
nothing twice. The receipt is saved as `<id>.counterfoil.json`; check it, offline, with
`counterfoil verify <id>.counterfoil.json`. It opens the private part: keep it like a key.
"""

import argparse
import base64
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ATTEMPTS = 8
TIMEOUT_S = 30


class RefusedError(Exception):
    """The ledger said no, and said why; sending the same again will not help."""


def main() -> int:
    """Reads the decision, records it, writes the receipt; 1 when it was refused."""
    given = arguments()
    decision = json.loads(given.decision.read_text(encoding="utf-8"))
    if given.now:
        decision["decided_at"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    token = given.token_file.read_text(encoding="ascii").strip()
    key = given.key or str(uuid.uuid4())
    try:
        answer = record(given.ledger, token, key, decision)
        receipt = receipt_file(given.ledger, answer)
    except RefusedError as refused:
        print(f"refused: {refused}", file=sys.stderr)
        return 1
    except OSError as lost:
        print(f"no answer: {lost}\nsame again: --key {key}", file=sys.stderr)
        return 1
    path = save(given.folder, receipt)
    print(f"recorded as entry {answer['index']}; receipt in {path}")
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Records one decision.")
    parser.add_argument("decision", type=Path, help="a JSON file")
    parser.add_argument("--ledger", required=True, help="http://HOST/<ledger>")
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=Path(), help="for the receipt")
    parser.add_argument("--now", action="store_true", help="set decided_at to now")
    parser.add_argument("--key", help="the Idempotency-Key of an earlier attempt")
    return parser.parse_args()


def record(ledger: str, token: str, key: str, decision: dict[str, Any]) -> Any:
    """Posts the decision until there is an answer; the same key each time."""
    return request(
        f"{ledger}/v1/decisions",
        body=json.dumps(decision).encode(),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        },
    )


def receipt_file(ledger: str, answer: dict[str, Any]) -> dict[str, Any]:
    """All that an offline check needs: the answer, the ledger's keys, the sealed part."""
    keys = request(f"{ledger}/v1/keys")
    receipt = {
        "counterfoil": 1,
        "origin": keys["origin"],
        "genesis": keys["genesis"],
        "id": answer["id"],
        "index": answer["index"],
        "leaf": answer["receipt"]["leaf"],
        "proof": answer["receipt"]["proof"],
        "policy": keys["policy"],
    }
    secret = answer["receipt"]["secret"]
    if secret is not None:  # a retry after more than 24 hours gets none
        receipt["secret"] = secret
        sealed = request(
            f"{ledger}/v1/sealed/{answer['id']}",
            headers={"Authorization": f"Receipt {tag(secret)}"},
            parse=False,
        )
        receipt["sealed"] = base64.b64encode(sealed).decode()
    return receipt


def tag(secret: str) -> str:
    """HKDF-SHA256 (RFC 5869) of K, empty salt, info `counterfoil/v1/tag`; base64url."""
    k = base64.urlsafe_b64decode(secret + "=")
    pseudorandom = hmac.digest(bytes(32), k, "sha256")
    value = hmac.digest(pseudorandom, b"counterfoil/v1/tag\x01", "sha256")
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def save(folder: Path, receipt: dict[str, Any]) -> Path:
    """Writes the receipt so that only this user can read it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{receipt['id']}.counterfoil.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(receipt, file, indent=2)
        file.write("\n")
    return path


def request(
    url: str,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    parse: bool = True,
) -> Any:
    """One request, tried again while the ledger is away; JSON or bytes.

    Raises:
        RefusedError: an answer that a retry will not change.
        OSError: no answer after all attempts.
    """
    wait_s = 0.5
    for attempt in range(1, ATTEMPTS + 1):
        sent = urllib.request.Request(url, data=body, headers=headers or {})
        try:
            with urllib.request.urlopen(sent, timeout=TIMEOUT_S) as answer:
                content = answer.read()
                return json.loads(content) if parse else content
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in {429, 503}:
                    raise RefusedError(said(error)) from None
                wait_s = float(error.headers.get("Retry-After") or wait_s)
        except OSError:  # refused, reset, timed out: the outcome is not known
            if attempt == ATTEMPTS:
                raise
        time.sleep(wait_s)
        wait_s = min(wait_s * 2, 30)
    raise OSError(f"still busy after {ATTEMPTS} attempts")


def said(error: urllib.error.HTTPError) -> str:
    """What the problem document says (RFC 9457)."""
    content = error.read()
    try:
        problem = json.loads(content)
        return f"{error.code} {problem['title']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError):
        return f"{error.code}"


if __name__ == "__main__":
    sys.exit(main())
