"""Writes frames.json: framed submissions, from docs/spec/log-api.md alone. Needs Python 3."""

import json
import struct


def framed(*pieces):
    return b"".join(struct.pack(">I", len(piece)) + piece for piece in pieces)


MANIFEST = b'{"kind":"manifest/v1"}'
GOOD = [
    ("an envelope alone", [MANIFEST]),
    ("an envelope and a file", [MANIFEST, b"County,Batch\n"]),
    ("empty files keep their places", [MANIFEST, b"", b"a", b""]),
    ("bytes that look like frames", [MANIFEST, framed(b"inner"), b"\0\0\0\0"]),
    ("an envelope of no bytes", [b""]),
]
WHOLE = framed(MANIFEST, b"file")
BAD = [
    ("nothing", b"", 0),
    ("half a length", b"\0\0\0", 0),
    ("a length without its piece", b"\0\0\0\1", 0),
    ("a piece cut off", WHOLE[:-1], len(framed(MANIFEST))),
    ("half a length behind a piece", WHOLE + b"\0\0", len(WHOLE)),
    ("a length beyond the end", framed(MANIFEST) + b"\xff\xff\xff\xffx", len(framed(MANIFEST))),
    ("lengths of the other byte order", struct.pack("<I", 4) + b"file", 0),
    ("the envelope without a frame", MANIFEST, 0),
]

value = {
    "good": [
        {"name": name, "frames": framed(*pieces).hex(), "pieces": [piece.hex() for piece in pieces]}
        for name, pieces in GOOD
    ],
    "bad": [{"name": name, "frames": data.hex(), "offset": offset} for name, data, offset in BAD],
}
with open("frames.json", "w", encoding="utf-8") as out:
    json.dump(value, out, indent=1)
    out.write("\n")
