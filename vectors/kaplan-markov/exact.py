"""Sample sizes and risks to 60 digits with Python's decimal module.

    python3 exact.py sizes > sample-size-exact.json
    python3 exact.py risks > risk-exact.json

The sizes are picked where the real number lies closest to a whole one, out of many at random.
"""

import json
import math
import random
import sys
from decimal import ROUND_CEILING, Decimal, getcontext

getcontext().prec = 60
COUNTS = ("one_over", "two_over", "one_under", "two_under")


def factors(gamma):
    one = Decimal(1)
    return [one - one / (2 * gamma), one - one / gamma, one + one / (2 * gamma), one + one / gamma]


def size(case):
    gamma, limit = Decimal(case["gamma"]), Decimal(case["risk_limit"])
    margin = Decimal(case["margin"]) / Decimal(case["ballots"])
    counts = [case[name] for name in COUNTS]
    log = limit.ln() + sum(n * f.ln() for n, f in zip(counts, factors(gamma)))
    real = -2 * gamma / margin * log
    return real, max(sum(counts), int(real.to_integral_value(ROUND_CEILING)))


def risk(case):
    gamma = Decimal(case["gamma"])
    margin = Decimal(case["margin"]) / Decimal(case["ballots"])
    log = case["sample"] * (1 - margin / (2 * gamma)).ln()
    log -= sum(case[name] * f.ln() for name, f in zip(COUNTS, factors(gamma)))
    return min(Decimal(1), log.exp())


def near(case):
    """Relative distance of the size from a whole number, in double precision."""
    gamma = float(case["gamma"])
    log = math.log(float(case["risk_limit"]))
    parts = (1 - 0.5 / gamma, 1 - 1 / gamma, 1 + 0.5 / gamma, 1 + 1 / gamma)
    log += sum(case[name] * math.log(part) for name, part in zip(COUNTS, parts))
    real = -2 * gamma * case["ballots"] / case["margin"] * log
    if real < 1 + sum(case[name] for name in COUNTS):
        return 1.0
    return abs(real - round(real)) / real


def draw(rng):
    ballots = rng.randrange(1, 10 ** rng.randrange(1, 8))
    few = lambda: rng.choice([0, 0, 0, 1, 2, rng.randrange(9)])
    return {
        "risk_limit": rng.choice(["0.03", "0.05", "0.1", "0.001", "0.25", "0.9"]),
        "gamma": rng.choice(["1.03905", "1.01", "1.1", "1.2", "2", "1.000001"]),
        "margin": rng.randrange(1, ballots + 1),
        "ballots": ballots,
        **{name: few() for name in COUNTS},
    }


def show(cases):
    print("[\n" + ",\n".join(" " + json.dumps(case) for case in cases) + "\n]")


def main():
    rng = random.Random(2024)
    if sys.argv[1] == "sizes":
        cases = sorted((draw(rng) for _ in range(300_000)), key=near)[:100]
        cases += [draw(rng) for _ in range(100)]
        show([{**case, "sample_size": size(case)[1]} for case in cases])
    else:
        keys = ("margin", "ballots", "sample", *COUNTS)
        rows = [
            (418, 4196, 75, 0, 0, 0, 1),
            (430, 1064, 20, 0, 0, 1, 0),
            (195, 1453, 107, 0, 2, 0, 0),
            (104, 618, 85, 0, 1, 0, 2),
            (3659, 9039, 36, 0, 1, 0, 0),
        ]
        cases = [{"gamma": "1.03905", **dict(zip(keys, row))} for row in rows]
        for _ in range(100):
            case = draw(rng)
            del case["risk_limit"]
            clean = 8 * case["ballots"] // case["margin"]
            case["sample"] = sum(case[name] for name in COUNTS) + rng.randrange(clean + 1)
            cases.append(case)
        show([{**case, "risk": f"{risk(case):.25e}"} for case in cases])


main()
