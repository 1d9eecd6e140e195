"""Vectors for ticket sampling and seed commitments, with Python's standard library alone.

    python3 tickets.py > tickets.json
    python3 tickets.py commitments > seed-commitment.json
"""

import csv
import hashlib
import hmac
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


def prk(manifest_digest: bytes, seed: str) -> bytes:
    """HKDF-Extract, RFC 5869 section 2.2."""
    return hmac.new(manifest_digest, seed.encode("ascii"), hashlib.sha256).digest()


def ticket(key: bytes, election_id: str, card_id: str) -> bytes:
    """HKDF-Expand to 32 bytes, RFC 5869 section 2.3: one block."""
    info = b"scrutineer/ticket/v1\0" + election_id.encode() + b"\0" + card_id.encode()
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()


def cards(path: pathlib.Path):
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    for _county, tabulator, batch, count, *_location in rows[1:]:
        for position in range(1, int(count) + 1):
            yield f"{tabulator.strip()}/{batch.strip()}/{position}"


def sample(name: str, election_id: str, seed: str, count: int) -> dict:
    path = HERE / ".." / "colorado-2024" / name
    digest = hashlib.sha256(path.read_bytes()).digest()
    key = prk(digest, seed)
    order = sorted(
        (ticket(key, election_id, card), index, card)
        for index, card in enumerate(cards(path), start=1)
    )
    return {
        "manifest": f"colorado-2024/{name}",
        "manifest_sha256": digest.hex(),
        "seed": seed,
        "election_id": election_id,
        "prk": key.hex(),
        "draws": [
            {"draw": draw, "index": index, "card": card, "ticket": value.hex()}
            for draw, (value, index, card) in enumerate(order[:count], start=1)
        ],
    }


def single(manifest: bytes, election_id: str, seed: str, card_ids: list[str]) -> dict:
    digest = hashlib.sha256(manifest).digest()
    key = prk(digest, seed)
    return {
        "manifest_text": manifest.decode(),
        "manifest_sha256": digest.hex(),
        "seed": seed,
        "election_id": election_id,
        "prk": key.hex(),
        "tickets": [
            {"card": card, "ticket": ticket(key, election_id, card).hex()} for card in card_ids
        ],
    }


def commitment(election_id: str, salt: bytes, seed: str) -> dict:
    payload = {"election_id": election_id, "salt": salt.hex(), "seed": seed}
    # Names in ascending order and no spaces: RFC 8785 for plain text.
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode("utf-8")).hexdigest()
    return {**payload, "canonical": canonical, "commitment": digest}


def main() -> None:
    seed = "53417960661093690826"
    if sys.argv[1:] == ["commitments"]:
        answer = [
            commitment("example-2026", bytes(range(32)), seed),
            commitment("hinsdale-2024", hashlib.sha256(b"salt").digest(), "0"),
            commitment("Wahlkreis Süd 2026", bytes(32), "00000000000000000001"),
        ]
    else:
        small = b"County,Tabulator,Batch,# of Ballots,Location\nExample,1,1,3,Shelf A\n"
        answer = {
            "single": [
                single(small, "example-2026", seed, ["1/1/1", "1/1/2", "1/1/3"]),
                single(small, "Wahlkreis Süd 2026", "007", ["1/1/1", "box 7/north/12"]),
                single(b"", "e", "0" * 200, ["", "x" * 300]),
            ],
            "samples": [
                sample("HinsdaleBallotManifest.csv", "hinsdale-2024", seed, 44),
                sample("BoulderBallotManifest.csv", "boulder-2024", seed, 105),
            ],
        }
    print(json.dumps(answer, indent=1, ensure_ascii=False))


main()
