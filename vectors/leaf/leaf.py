#!/usr/bin/env python3
"""Computes vectors/leaf/leaves.json with nothing but Python's own json and hashlib.

The members of a leaf hold ASCII and integers only, so json.dumps with sorted keys and without
spaces is their RFC 8785 form.
"""

import hashlib
import json
import pathlib


def sha256(data):
    return hashlib.sha256(data)


def leaf(entry_type, role, holder, artifact, timestamp, election="hinsdale-2024-general"):
    return {
        "type": "pvtl-x/leaf/v1",
        "election_id": election,
        "entry_type": entry_type,
        "artifact_sha256": sha256(artifact).hexdigest(),
        "artifact_size": len(artifact),
        "originator": {"role": role, "id": holder},
        "timestamp": timestamp,
    }


LEAVES = [
    leaf("charter", "authority", "county-clerk", b"charter", "2024-11-01T12:00:00Z"),
    leaf("manifest", "audit", "audit-lead", b"", "2024-11-18T15:00:00Z"),
    leaf("cvr", "scanning", "scanner-3", b"x" * 100_000, "2024-11-05T23:59:59Z", "a"),
    leaf("device_attestation", "station", "s" * 64, b"y", "1970-01-01T00:00:00Z", "e" * 64),
]

rows = []
for value in LEAVES:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")
    entry = sha256(canonical).digest()
    rows.append(
        {
            "leaf": value,
            "canonical": canonical.decode("ascii"),
            "entry": entry.hex(),
            "leaf_hash": sha256(b"\x00" + entry).hexdigest(),
        }
    )

target = pathlib.Path(__file__).with_name("leaves.json")
target.write_text(json.dumps(rows, indent=2) + "\n")
