"""Votes as the ClairVote prototype's paper shows it, from that paper alone.

    python3 vote_from_seed.py EDGE AUTHORITY_SEED TOTP_SECRET OPTION BITS

EDGE is an address such as http://127.0.0.1:8080, the two secrets are 32 bytes in hexadecimal
digits, OPTION stands on the ballot, BITS is the work asked for. The standard library is enough:
Ed25519 (RFC 8032) and the time-based code (RFC 6238) are written out below. It knows nothing of
batches, acceptances or signatures of receipts, and so works where the receipt comes at once.

Prints the receipt, and ends with status 0 if it shows the own stamp at the own option and nowhere
else.
"""

import base64
import hashlib
import hmac
import http.client
import os
import struct
import sys
import time
import urllib.parse

# The field and the curve of RFC 8032, 5.1.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def even_x(y):
    """The even x of a point with this y (RFC 8032, 5.1.3)."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return P - x if x & 1 else x


BASE = (even_x(BASE_Y), BASE_Y, 1, even_x(BASE_Y) * BASE_Y % P)


def add(one, other):
    """The sum of two points in extended coordinates (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number, point):
    """A multiple of a point, by doubling and adding."""
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def packed(point):
    """A point in 32 bytes: y, and the lowest bit of x on top."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def number(data):
    """The hash of some bytes as a number, little end first."""
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def sign(seed, message):
    """The public key of a seed, and its signature (RFC 8032, 5.1.5 and 5.1.6)."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    scalar = scalar & ((1 << 254) - 8) | 1 << 254
    key = packed(times(scalar, BASE))
    drawn = number(digest[32:] + message) % ORDER
    first = packed(times(drawn, BASE))
    second = (drawn + number(first + key + message) * scalar) % ORDER
    return key, first + second.to_bytes(32, "little")


def code(secret, now):
    """Six digits for 30 seconds (RFC 6238, HMAC-SHA-256)."""
    mac = hmac.new(secret, struct.pack(">Q", int(now) // 30), hashlib.sha256).digest()
    at = mac[-1] & 15
    word = struct.unpack(">I", mac[at : at + 4])[0] & 0x7FFFFFFF
    return f"{word % 1_000_000:06d}"


def zeros(digest):
    """Leading zero bits."""
    return len(digest) * 8 - int.from_bytes(digest, "big").bit_length()


def mined(prefix, bits):
    """A nonce of eight bytes that makes the hash begin with enough zero bits."""
    nonce = int.from_bytes(os.urandom(8), "big")
    while True:
        tried = struct.pack(">Q", nonce)
        if zeros(hashlib.sha256(prefix + tried).digest()) >= bits:
            return tried
        nonce = (nonce + 1) % 2**64


def ask(edge, path, headers, patience=10):
    """The answer's status and headers; asked again while an origin is down."""
    place = urllib.parse.urlsplit(edge)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    for attempt in range(patience):
        connection = kinds[place.scheme](place.netloc, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            if answer.status < 500:
                return answer.status, {name.lower(): value for name, value in answer.getheaders()}
        except OSError as error:
            print(f"{path}: {error}", file=sys.stderr)
        finally:
            connection.close()
        time.sleep(0.1 * (attempt + 1))
    sys.exit(f"{path}: no answer")


def main():
    edge, authority, secret, option, bits = sys.argv[1:]
    status, ballot = ask(edge, "/list", {})
    options = [ballot[name] for name in sorted(ballot) if name.startswith("say")]
    wire = urllib.parse.quote(option, safe=" !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~")
    if status != 204 or wire not in options:
        sys.exit(f"the ballot is {options}")

    identity = os.urandom(24)
    key, signature = sign(bytes.fromhex(authority), identity)
    status, stamps = ask(edge, "/stamp", {"TOTP": code(bytes.fromhex(secret), time.time())})
    if status != 204:
        sys.exit(f"/stamp: {status}")
    utc, platform, stamp = stamps["p-utc"], stamps["p-sig"], stamps["voter"]

    prefix = utc.encode() + base64.b64decode(platform) + stamp.encode() + option.encode()
    nonce = mined(prefix, int(bits))
    status, receipt = ask(
        edge,
        "/" + nonce.hex(),
        {
            "P-UTC": utc,
            "P-SIG": platform,
            "auth-pkey": base64.b64encode(key).decode(),
            "auth-sig": base64.b64encode(signature).decode(),
            "auth-id": base64.b64encode(identity).decode(),
            "voter": stamp,
            "say": wire,
        },
    )
    names = sorted(name for name in receipt if name[:7] == "receipt" and name[7:].isdigit())
    lines = [receipt[name] for name in names]
    print(status)
    print("\n".join(lines))
    print(f'{utc} {platform} {stamp} {nonce.hex()} "{option}"')
    print(" ".join(base64.b64encode(part).decode() for part in (key, signature, identity)))
    own = [line.split(" ", 1)[1] for line in lines if line.split(" ", 1)[0] == stamp]
    if status != 204 or own != [wire] or len(lines) != len(options):
        sys.exit("this is not the receipt of this vote")


if __name__ == "__main__":
    main()
