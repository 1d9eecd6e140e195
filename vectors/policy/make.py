"""Writes policies.json: what a charter's witnesses are as a policy, and which of them are enough.

Needs Python 3 and the `cryptography` package. The charter is that of vectors/artifacts with other
witnesses, signed anew; texts are as docs/spec/notes.md has them ("From a charter").
"""

import base64
import copy
import hashlib
import itertools
import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

CHARTER = json.load(open("../artifacts/charter/valid-audit.json", encoding="utf-8"))
RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


def key_of(name):
    seed = hashlib.sha256(b"scrutineer vector key " + name.encode()).digest()
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


def vkey(name):
    public = key_of("witness-" + name).public_key().public_bytes(*RAW)
    full = f"witness.example/{name}"
    key_id = hashlib.sha256(full.encode() + b"\n\x04" + public).digest()[:4].hex()
    return f"{full}+{key_id}+{base64.b64encode(bytes([4]) + public).decode()}"


def witness(name, organisation):
    return {"key": vkey(name), "name": name, "organisation": organisation}


# The keys of vectors/artifacts, made again.
for one in CHARTER["witnesses"]["list"]:
    assert witness(one["name"], one["organisation"]) == one


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def envelope(payload):
    key = key_of("county-clerk")
    public = key.public_key().public_bytes(*RAW)
    signed = b"scrutineer/v1\ncharter/v1\n" + canonical(payload)
    entry = {
        "alg": "ed25519",
        "key_id": hashlib.sha256(b"scrutineer/key/v1\ned25519\n" + public).hexdigest(),
        "sig": base64.b64encode(key.sign(signed)).decode(),
    }
    return canonical({"kind": "charter/v1", "payload": payload, "signatures": [entry]}).decode()


def policy(charter):
    """Organisations in the order in which the list of witnesses first names them."""
    lines = [f"log {charter['log']['checkpoint_key']}"]
    witnesses = charter["witnesses"]["list"]
    organisations = list(dict.fromkeys(one["organisation"] for one in witnesses))
    for organisation in organisations:
        keys = [one["key"] for one in witnesses if one["organisation"] == organisation]
        names = [key.split("+")[0] for key in keys]
        lines += [f"witness {name} {key}" for name, key in zip(names, keys)]
        lines.append(f"group org+{organisation} any {' '.join(names)}")
    groups = " ".join("org+" + organisation for organisation in organisations)
    lines.append(f"group +organisations {charter['witnesses']['threshold']} {groups}")
    lines.append("quorum +organisations")
    return "".join(line + "\n" for line in lines)


def judged(charter):
    """Every choice of witnesses, and whether their organisations reach the threshold."""
    witnesses = charter["witnesses"]["list"]
    enough, short = [], []
    for count in range(len(witnesses) + 1):
        for chosen in itertools.combinations(witnesses, count):
            organisations = {one["organisation"] for one in chosen}
            names = [one["name"] for one in chosen]
            (enough if len(organisations) >= charter["witnesses"]["threshold"] else short).append(names)
    return {"enough": enough, "short": short}


def charter(threshold, witnesses):
    made = copy.deepcopy(CHARTER)
    made["witnesses"] = {"list": [witness(*one) for one in witnesses], "threshold": threshold}
    return made


THREE = [("press-1", "press"), ("university-1", "university"), ("observers-1", "observers")]
GOOD = [
    ("two of three organisations", charter(2, THREE)),
    ("all of three", charter(3, THREE)),
    ("one of three", charter(1, THREE)),
    ("one witness", charter(1, THREE[:1])),
    ("two machines of one organisation count once", charter(2, THREE[:2] + [("press-2", "press")])),
    ("organisations between one another", charter(2, [("press-1", "press"), ("university-1", "university"), ("press-2", "press"), ("university-2", "university")])),
]
BAD = [
    ("more organisations asked for than there are", charter(4, THREE)),
    ("machines do not count as organisations", charter(3, THREE[:2] + [("press-2", "press")])),
    ("none asked for", charter(0, THREE)),
    ("no witnesses", charter(1, [])),
    ("a witness twice", charter(1, THREE + THREE[:1])),
    ("a witness of the log's operator", charter(1, [("operator-1", "log-operator")])),
]

value = {
    "good": [
        {"name": name, "charter": envelope(one), "policy": policy(one)} | judged(one) for name, one in GOOD
    ],
    "bad": [{"name": name, "charter": envelope(one)} for name, one in BAD],
}
with open("policies.json", "w", encoding="utf-8") as out:
    json.dump(value, out, indent=1, ensure_ascii=False)
    out.write("\n")
