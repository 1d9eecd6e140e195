"""Writes ed25519-points.json: encodings that are no key, computed with plain integers.

Needs nothing but Python 3. The curve is -x^2 + y^2 = 1 + d x^2 y^2 over p = 2^255 - 19 (RFC 8032).
"""

import json

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    """x for a y already reduced; None when there is none."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    if x & 1 != sign:
        x = -x % P
    return x


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P
    return x, y


def times(n, point):
    result = (0, 1)
    while n:
        if n & 1:
            result = add(result, point)
        point = add(point, point)
        n >>= 1
    return result


def encode(y, sign):
    return (y | sign << 255).to_bytes(32, "little").hex()


def order(point):
    return next(n for n in (1, 2, 4, 8) if times(n, point) == (0, 1))


BASE_Y = 4 * pow(5, -1, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y)
assert times(L, BASE) == (0, 1)

cases = []

# The eight points of small order: L times any point of the curve.
torsion = {(0, 1)}
y = 2
while len(torsion) < 8:
    x = recover_x(y, 0)
    if x is not None:
        torsion.add(times(L, (x, y)))
        torsion.add(times(L, (-x % P, y)))
    y += 1
for x, y in sorted(torsion, key=lambda point: (order(point), point)):
    n = order((x, y))
    cases.append({"key": encode(y, x & 1), "why": "weak", "comment": f"order {n}"})
    # Second spellings: y + p where it fits into 255 bits, and a sign where x is zero.
    for spelt in (y, y + P):
        for sign in (0, 1):
            if spelt < 2**255 and (spelt, sign) != (y, x & 1) and (x == 0 or sign == x & 1):
                comment = f"order {n}, not canonical"
                cases.append({"key": encode(spelt, sign), "why": "weak", "comment": comment})

# A public key with a part of small order added.
for n in (1, 7, 123456789):
    for point in sorted(torsion - {(0, 1)}):
        x, y = add(times(n, BASE), point)
        comment = f"{n} B plus a point of order {order(point)}"
        cases.append({"key": encode(y, x & 1), "why": "weak", "comment": comment})

# A point of prime order whose y has a second spelling, if there is one; y below 19 only.
for y in range(2, 19):
    for sign in (0, 1):
        x = recover_x(y, sign)
        if x is None:
            for spelt in (y, y + P):
                case = {"key": encode(spelt, sign), "why": "point", "comment": f"no x for y = {y}"}
                cases.append(case)
        else:
            prime = times(L, (x, y)) == (0, 1)
            if not prime:
                why, comment = "weak", f"y = {y}, a point of mixed order"
                cases.append({"key": encode(y, sign), "why": why, "comment": comment})
            why = "point" if prime else "weak"
            comment = f"y = {y}, written as y + p"
            cases.append({"key": encode(y + P, sign), "why": why, "comment": comment})

with open("ed25519-points.json", "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
