"""Writes accept.json and refuse.json: envelopes made without the product.

Needs Python 3 and the `cryptography` package. Canonical bytes come from json.dumps with sorted
keys, which is RFC 8785 for the texts used here: no floats, and names within the ASCII range.
"""

import base64
import hashlib
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Key:
    def __init__(self, alg, seed):
        self.alg = alg
        if alg == "ed25519":
            self.key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
            form = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        else:
            self.key = ec.derive_private_key(int.from_bytes(seed), ec.SECP256R1())
            form = serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
        self.public = self.key.public_key().public_bytes(*form)
        text = b"scrutineer/key/v1\n" + alg.encode() + b"\n" + self.public
        self.id = hashlib.sha256(text).hexdigest()

    def entry(self, kind, payload):
        message = b"scrutineer/v1\n" + kind.encode() + b"\n" + payload
        if self.alg == "ed25519":
            sig = self.key.sign(message)
        else:
            algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
            r, s = decode_dss_signature(self.key.sign(message, algorithm))
            sig = r.to_bytes(32) + min(s, ORDER - s).to_bytes(32)
        return {"alg": self.alg, "key_id": self.id, "sig": base64.b64encode(sig).decode()}

    def described(self, seed):
        key = base64.b64encode(self.public).decode()
        return {"alg": self.alg, "seed": seed.hex(), "key": key, "key_id": self.id}


SEEDS = [("ed25519", bytes([1] * 32)), ("ed25519", bytes([2] * 32)), ("ecdsa-p256", bytes([3] * 32))]
KEYS = [Key(*seed) for seed in SEEDS]


def envelope(kind, payload, keys):
    entries = [key.entry(kind, canonical(payload)) for key in keys]
    return {"kind": kind, "payload": payload, "signatures": entries}


def write(name, value):
    with open(name, "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(case) for case in value) + "\n]\n")


SMALL = {"election_id": "demo", "total": 618}
RICH = {
    "election_id": "demo",
    "b": [True, False, None, -1, 9007199254740991],
    "a": {"nested": {"deeper": []}, "text": "line\nend \"quoted\" \\ \u001f \u00e9 \u20ac \U0001f600"},
}

accept = []
for kind, payload, keys in [
    ("cvr/v1", SMALL, [KEYS[0]]),
    ("cvr/v1", SMALL, [KEYS[2]]),
    ("ballot_definition/v12", RICH, KEYS),
    ("x/v4294967295", {}, [KEYS[1]]),
]:
    whole = envelope(kind, payload, keys)
    accept.append(
        {
            "kind": kind,
            "payload": canonical(payload).decode(),
            "keys": [key.described(seed) for key, (_, seed) in zip(KEYS, SEEDS) if key in keys],
            "envelope": canonical(whole).decode(),
            "digest": hashlib.sha256(canonical(whole)).hexdigest(),
        }
    )
write("accept.json", accept)


def changed(**members):
    return canonical(envelope("cvr/v1", SMALL, KEYS[:1]) | members).decode()


def without(name):
    whole = envelope("cvr/v1", SMALL, KEYS[:1])
    del whole[name]
    return canonical(whole).decode()


def signature(**members):
    entry = KEYS[0].entry("cvr/v1", canonical(SMALL)) | members
    return changed(signatures=[{k: v for k, v in entry.items() if v is not None}])


whole = canonical(envelope("cvr/v1", SMALL, KEYS[:1])).decode()
sig = KEYS[0].entry("cvr/v1", canonical(SMALL))["sig"]
entries = [Key("ed25519", bytes([n] * 32)).entry("cvr/v1", canonical(SMALL)) for n in range(1, 18)]
refuse = [
    ("empty", "json", ""),
    ("not JSON", "json", "envelope"),
    ("white space in front", "json", " " + whole),
    ("a line feed behind", "json", whole + "\n"),
    ("two envelopes", "json", whole + whole),
    ("cut off", "json", whole[:-1]),
    ("white space within", "json", whole.replace(":", ": ", 1)),
    ("members in another order", "json", '{"payload":{},"kind":"cvr/v1","signatures":[]}'),
    ("a name twice", "json", '{"kind":"cvr/v1","kind":"cvr/v1","payload":{},"signatures":[]}'),
    ("a fraction in the payload", "json", whole.replace("618", "618.0")),
    ("payload not canonical", "json", whole.replace('{"election_id":"demo","total":618}', '{"total":618,"election_id":"demo"}')),
    ("kind with an escape", "json", whole.replace("cvr/v1", "cvr\\/v1")),
    ("an array", "shape", "[]"),
    ("null", "shape", "null"),
    ("no kind", "missing", without("kind")),
    ("no payload", "missing", without("payload")),
    ("no signatures", "missing", without("signatures")),
    ("a member more", "unknown", changed(note="")),
    ("a member more, sorted last", "unknown", changed(zeta=1)),
    ("kind is a number", "shape", changed(kind=1)),
    ("kind without version", "kind", changed(kind="cvr")),
    ("kind with version 0", "kind", changed(kind="cvr/v0")),
    ("kind with a leading zero", "kind", changed(kind="cvr/v01")),
    ("kind with a sign", "kind", changed(kind="cvr/v+1")),
    ("kind in upper case", "kind", changed(kind="Cvr/v1")),
    ("kind begins with a digit", "kind", changed(kind="1cvr/v1")),
    ("kind with a hyphen", "kind", changed(kind="cvr-set/v1")),
    ("kind with a line feed", "kind", changed(kind="cvr/v1\n")),
    ("kind with two slashes", "kind", changed(kind="a/b/v1")),
    ("kind without a name", "kind", changed(kind="/v1")),
    ("kind with a version beyond 32 bits", "kind", changed(kind="cvr/v4294967296")),
    ("kind of 81 bytes", "kind", changed(kind="c" * 78 + "/v1")),
    ("payload is a string", "shape", changed(payload="x")),
    ("payload is an array", "shape", changed(payload=[])),
    ("payload is null", "shape", changed(payload=None)),
    ("signatures is an object", "shape", changed(signatures={})),
    ("no signature at all", "count", changed(signatures=[])),
    ("17 signatures", "count", changed(signatures=entries)),
    ("one key twice", "two-of-one-key", changed(signatures=entries[:2] + entries[:1])),
    ("one key twice, other bytes", "two-of-one-key", changed(signatures=[entries[0], entries[0] | {"sig": entries[1]["sig"]}])),
    ("signature is a string", "shape", changed(signatures=[sig])),
    ("signature without alg", "missing", signature(alg=None)),
    ("signature without key_id", "missing", signature(key_id=None)),
    ("signature without sig", "missing", signature(sig=None)),
    ("signature with a member more", "unknown", signature(time="now")),
    ("algorithm is a number", "shape", signature(alg=1)),
    ("algorithm without a letter", "shape", signature(alg="")),
    ("algorithm in upper case", "shape", signature(alg="Ed25519")),
    ("algorithm with a space", "shape", signature(alg="ml dsa")),
    ("algorithm begins with a hyphen", "shape", signature(alg="-dsa")),
    ("algorithm of 41 characters", "shape", signature(alg="a" * 41)),
    ("algorithm with a line feed", "shape", signature(alg="ed25519\n")),
    ("key_id too short", "shape", signature(key_id="00")),
    ("key_id in upper case", "shape", signature(key_id=KEYS[0].id.upper())),
    ("sig without padding", "shape", signature(sig=sig.rstrip("="))),
    ("sig in URL base64", "shape", signature(sig=base64.urlsafe_b64encode(b"\xff" * 64).decode())),
    ("sig with bits beyond its last byte", "shape", signature(sig=sig[:-3] + "B==")),
    ("sig as two texts", "shape", signature(sig=2 * base64.b64encode(bytes(32)).decode())),
    ("sig with a line break", "shape", signature(sig=sig[:40] + "\n" + sig[40:])),
    ("sig of nine characters", "shape", signature(sig="abcdef012")),
]
write("refuse.json", [{"comment": c, "why": w, "envelope": e} for c, w, e in refuse])

broken = []
other = canonical({"election_id": "demo", "total": 619}).decode()
for comment, why, text in [
    ("payload changed", "mismatch", whole.replace("618", "619")),
    ("kind changed", "mismatch", whole.replace("cvr/v1", "cvr/v2")),
    ("sig of another payload", "mismatch", signature(sig=KEYS[0].entry("cvr/v1", other.encode())["sig"])),
    ("sig over the payload alone", "mismatch", signature(sig=base64.b64encode(KEYS[0].key.sign(canonical(SMALL))).decode())),
    ("sig of another key", "mismatch", signature(sig=KEYS[1].entry("cvr/v1", canonical(SMALL))["sig"])),
    ("sig of 63 bytes", "length", signature(sig=base64.b64encode(base64.b64decode(sig)[:63]).decode())),
    ("sig of 65 bytes", "length", signature(sig=base64.b64encode(base64.b64decode(sig) + b"\0").decode())),
    ("sig of no bytes", "length", signature(sig="")),
    ("key_id of another key", "other-key", signature(key_id=KEYS[1].id)),
    ("another algorithm", "other-key", signature(alg="ecdsa-p256")),
    ("an algorithm of later software", "algorithm", signature(alg="ml-dsa-44")),
    ("an algorithm with a name of 40 characters", "algorithm", signature(alg="0" + "a.-9" * 9 + "abc")),
]:
    broken.append({"comment": comment, "why": why, "envelope": text, "key": KEYS[0].described(SEEDS[0][1])})
write("broken.json", broken)
