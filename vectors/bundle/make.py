"""Writes zips.json and sizes.json from docs/spec/bundle.md alone.

Zips are made by Python's zipfile; the ones to be refused are bent by hand. Needs Python 3.
"""

import base64
import io
import json
import struct
import warnings
import zipfile

FILES = {
    "checkpoint": "a head\n",
    "checkpoints/1": "a head of one entry\n",
    "leaf/000.p/1": "{}\n" * 40,
}
TIME = (1980, 1, 1, 0, 0, 0)


class Pipe(io.RawIOBase):
    """Takes bytes and cannot go back, so that zipfile writes data descriptors."""

    def __init__(self):
        self.taken = b""

    def writable(self):
        return True

    def write(self, data):
        self.taken += bytes(data)
        return len(data)


def made(files=FILES, method=zipfile.ZIP_STORED, extra=b"", comment=b"", of_file=b"", force=False, pipe=False, folders=()):
    out = Pipe() if pipe else io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.comment = comment
            for folder in folders:
                archive.writestr(zipfile.ZipInfo(folder, TIME), "")
            for name, text in files.items() if isinstance(files, dict) else files:
                info = zipfile.ZipInfo(name, TIME)
                info.compress_type, info.extra, info.comment = method, extra, of_file
                info.external_attr = 0o644 << 16
                with archive.open(info, "w", force_zip64=force) as entry:
                    entry.write(text.encode())
    return out.taken if pipe else out.getvalue()


def end(data):
    return data.rindex(b"PK\x05\x06")


def directory(data):
    return struct.unpack("<I", data[end(data) + 16 : end(data) + 20])[0]


def patched(data, at, form, value):
    new = struct.pack(form, value)
    return data[:at] + new + data[at + len(new) :]


def moved(data, front):
    """All offsets raised, for bytes put in front."""
    start, last = directory(data), end(data)
    out = patched(data, last + 16, "<I", start + front)
    at = start
    while out[at : at + 4] == b"PK\x01\x02":
        out = patched(out, at + 42, "<I", struct.unpack("<I", out[at + 42 : at + 46])[0] + front)
        n, m, k = struct.unpack("<HHH", out[at + 28 : at + 34])
        at += 46 + n + m + k
    return out


def zips():
    stored = made()
    packed = made(method=zipfile.ZIP_DEFLATED)
    other_time = struct.pack("<HHBI", 0x5455, 5, 1, 1_700_000_000)
    other_name = struct.pack("<HHBI", 0x7075, 5, 1, 0)
    start, last = directory(stored), end(stored)
    packed_start = directory(packed)
    good = [
        ("stored", stored, FILES),
        ("deflated", packed, FILES),
        ("with folders", made(folders=["checkpoints/", "leaf/"]), FILES),
        ("with times of Unix", made(extra=other_time), FILES),
        ("written to a pipe, with data descriptors", made(pipe=True), FILES),
        ("without files", made(files={}), {}),
        ("a wrong CRC-32, which is not compared", patched(patched(stored, 14, "<I", 1), start + 16, "<I", 1), FILES),
    ]
    second = stored.index(b"PK\x01\x02", start + 4)
    overlap = patched(stored, second + 42, "<I", 0)
    bad = [
        ("empty", b"", "no end record"),
        ("no zip", b"not a zip at all, but long enough to hold an end record", "no end record"),
        ("cut off", stored[:-1], "the end record is not whole"),
        ("cut off in the directory", stored[: last - 3], "no end record"),
        ("a comment", made(comment=b"hello"), "no comment"),
        ("a comment of a file", made(of_file=b"hello"), "no file has a comment"),
        ("bytes in front", b"MZ" + stored, "files fill the zip from its first byte"),
        ("bytes in front, offsets raised", b"MZ" + moved(stored, 2), "files fill the zip from its first byte"),
        ("bytes behind", stored + b"\0", "files fill the zip to its last byte"),
        ("another end record behind", stored + stored[last:], "one end record, right behind the directory"),
        ("a gap before the directory", patched(stored[:start] + b"\0" + stored[start:], last + 17, "<I", start + 1), "nothing stands between"),
        ("the local name is another", patched(stored, 30, "<B", ord("C")), "local header and directory agree in name"),
        ("the local method is another", patched(stored, 8, "<H", 8), "they agree in method"),
        ("the local size is another", patched(stored, 22, "<I", 6), "they agree in sizes"),
        ("the local flags are others", patched(stored, 6, "<H", 0x800), "they agree in flags"),
        ("two files on the same bytes", overlap, "no two files share bytes"),
        ("encrypted", patched(patched(stored, 6, "<H", 1), start + 8, "<H", 1), "nothing is encrypted"),
        ("packed by bzip2", made(method=zipfile.ZIP_BZIP2), "stored or deflated"),
        ("packed by LZMA", made(method=zipfile.ZIP_LZMA), "stored or deflated"),
        ("an extra field with another name", made(extra=other_name), "no extra field but zip64 and those of times and owners"),
        ("a size that deflate cannot reach", patched(patched(packed, 22, "<I", 0x7FFFFFFF), packed_start + 24, "<I", 0x7FFFFFFF), "a ratio that deflate can reach"),
        ("one file fewer in the end record", patched(patched(stored, last + 8, "<H", 2), last + 10, "<H", 2), "the directory holds what the end record counts"),
        ("two parts", patched(stored, last + 4, "<H", 1), "one part"),
    ]
    twice = made(files=[("checkpoint", "one\n"), ("checkpoint", "two\n"), ("checkpoints/1", "x")])
    return {
        "good": [{"name": n, "zip": base64.b64encode(z).decode(), "files": f} for n, z, f in good],
        "bad": [{"name": n, "zip": base64.b64encode(z).decode(), "why": w} for n, z, w in bad],
        "twice": {"zip": base64.b64encode(twice).decode(), "path": "checkpoint", "times": 2},
    }


def sizes():
    good = [("no heads", "", []), ("one", "1\n", [1]), ("some", "0\n1\n9\n10\n256\n", [0, 1, 9, 10, 256])]
    good.append(("the greatest size", f"{2**63 - 1}\n", [2**63 - 1]))
    bad = [
        ("no line feed at the end", "1\n2", 2),
        ("a leading zero", "01\n", 1),
        ("falling", "2\n1\n", 2),
        ("the same twice", "1\n2\n2\n", 3),
        ("an empty line", "1\n\n2\n", 2),
        ("a sign", "+1\n", 1),
        ("a space", "1\n 2\n", 2),
        ("a carriage return", "1\r\n", 1),
        ("a word", "one\n", 1),
        ("hexadecimal", "a\n", 1),
        ("beyond the greatest size", f"{2**63}\n", 1),
        ("beyond 64 bits", f"{2**64}\n", 1),
        ("other digits", "\u0661\n", 1),
    ]
    return {
        "good": [{"name": n, "list": t, "sizes": s} for n, t, s in good],
        "bad": [{"name": n, "list": t, "line": l} for n, t, l in bad],
    }


def write(name, value):
    with open(name, "w", encoding="utf-8") as out:
        json.dump(value, out, indent=1, ensure_ascii=False)
        out.write("\n")


write("zips.json", zips())
write("sizes.json", sizes())
