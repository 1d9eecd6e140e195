"""Statistics with values from SciPy and NumPy, which share no code with the product.

    python3 statistics.py > statistics.json

Made with SciPy 1.17.1 and NumPy 2.4.6. The first two sets of inputs are other people's:

- "g": scipy.stats.chi2_contingency(table, lambda_="log-likelihood", correction=False). The first
  table is the example of SciPy's documentation, which gives 2.7688587616781319.
- "trend": the first is the example of R's prop.trend.test (Fleiss 1981, page 139), for which R
  prints X-squared = 8.2249. The statistic is N times the squared correlation of score and outcome
  over all single persons (Agresti, Categorical Data Analysis, 5.3.5), by numpy.corrcoef.
- "deleted": y minus the value at its place of the polynomial through its neighbours, by
  numpy.polyfit: a cubic's worth of two on each side (degree 2, since of four points at equal
  distances a cubic's middle is that of the quadratic), or the quadratic through 0, 2 and 3 away.
- "filtered": the same for inner windows, from scipy.signal.savgol_filter: the deleted residual is
  (y - filtered) / (1 - 17/35).
- "variances": the variance of those residuals by the matrix of the linear map, L C L^T, where C
  is diag(means) + D diag(waiting) D^T and D takes what waits at edges to the growth of windows.
- "folds": of each period the greatest t of its phases by scipy.stats.ttest_ind (equal variances),
  the windows of the phase against all others.
- "leans": ln of the ratio of the semivariances about numpy.median, of an odd number of values.
- "shares": (part - whole * usual) / sqrt(whole * usual * (1 - usual)) with numpy; usual is
  the running median of nine by scipy.ndimage, of windows that have four on each side.
- "ln_factorial": math.lgamma(n + 1).
- "poisson", "binomial": scipy.stats, chances of each count up to the last that is listed.
- "uniform": SHA-256 in counter mode by hashlib; the product's form is in docs/spec.
"""

import hashlib
import json
import math

import numpy as np
from scipy import ndimage, signal, stats

rng = np.random.default_rng(20261103)


def g(table):
    found = stats.chi2_contingency(table, lambda_="log-likelihood", correction=False)
    return {"table": table, "g": found.statistic}


def trend(part, whole):
    scores, outcomes = [], []
    for at, (yes, all_) in enumerate(zip(part, whole)):
        scores += [at] * all_
        outcomes += [1] * yes + [0] * (all_ - yes)
    r = np.corrcoef(scores, outcomes)[0, 1]
    return {"part": part, "whole": whole, "trend": len(scores) * r * r}


def deleted_rows(count):
    """The residuals as a matrix, by polyfit of each unit vector."""
    rows = []
    for at in range(1, count - 1):
        if at == 1:
            near, degree = [0, 2, 3], 2
        elif at == count - 2:
            near, degree = [count - 1, count - 3, count - 4], 2
        else:
            near, degree = [at - 2, at - 1, at + 1, at + 2], 2
        row = np.zeros(count)
        row[at] = 1.0
        for one in near:
            unit = [1.0 if other == one else 0.0 for other in near]
            row[one] -= np.polyval(np.polyfit([x - at for x in near], unit, degree), 0.0)
        rows.append(row)
    return np.array(rows)


def residuals(values):
    values = np.array(values, dtype=float)
    filtered = signal.savgol_filter(values, 5, 3)
    inner = (values - filtered)[2:-2] / (1 - 17 / 35)
    return {
        "growth": values.tolist(),
        "deleted": (deleted_rows(len(values)) @ values).tolist(),
        "filtered": inner.tolist(),
    }


def variances(means, waiting):
    count = len(means)
    moves = np.zeros((count, count + 1))
    for at in range(count):
        moves[at, at], moves[at, at + 1] = 1, -1
    covariance = np.diag(means) + moves @ np.diag(waiting) @ moves.T
    rows = deleted_rows(count)
    found = np.diag(rows @ covariance @ rows.T)
    return {"means": means, "waiting": waiting, "variances": found.tolist()}


def folds(values, places):
    values, places = np.array(values), np.array(places)
    found = []
    for period in range(2, 9):
        ts = [
            stats.ttest_ind(values[places % period == at], values[places % period != at]).statistic
            for at in range(period)
        ]
        at = int(np.argmax(np.abs(ts)))
        found.append({"period": period, "phase": at, "t": float(ts[at])})
    return {"values": values.tolist(), "places": places.tolist(), "folds": found}


def lean(values):
    rest = np.array(values) - np.median(values)
    above, below = (rest[rest > 0] ** 2).sum(), (rest[rest < 0] ** 2).sum()
    return {"values": list(values), "lean": float(np.log(above / below))}


def shares(options):
    options = np.array(options, dtype=float)
    whole = options.sum(axis=0)
    usual = ndimage.median_filter(options / whole, size=(1, 9))
    found = (options - whole * usual) / np.sqrt(whole * usual * (1 - usual))
    return {"options": options.tolist(), "inner": found[:, 4:-4].tolist()}


def uniforms(label, number, count):
    seed = hashlib.sha256(b"a series").digest()
    head = b"scrutineer/differential/v1\0" + seed + label.encode() + b"\0"
    key = hashlib.sha256(head + number.to_bytes(8, "big")).digest()
    found = []
    for block in range(-(-count // 4)):
        digest = hashlib.sha256(key + block.to_bytes(8, "big")).digest()
        words = [int.from_bytes(digest[at : at + 8], "big") for at in range(0, 32, 8)]
        found += [((word >> 12) + 0.5) / 2**52 for word in words]
    return {"seed_of": "a series", "label": label, "number": number, "uniform": found[:count]}


def chances(distribution, last):
    return [float(one) for one in distribution.pmf(range(last + 1))]


other = np.random.default_rng(7)
restless = np.round(other.normal(0, 1, 41) + 1.5 * (np.arange(41) % 5 == 3), 3).tolist()
votes = other.multinomial(220, [0.5, 0.4, 0.1], 25).T.tolist()
curve = [120.0, 340.0, 510.0, 480.0, 390.0, 377.0, 402.0, 1200.0, 450.0, 520.0, 610.0, 220.0]
cubic = [float(x**3 - 7 * x * x + 30) for x in range(8)]
print(
    json.dumps(
        {
            "g": [
                g([[10, 10, 20], [20, 20, 20]]),
                g([[812, 405, 33], [790, 460, 20]]),
                g([[5, 0, 3], [9, 4, 0]]),
            ],
            "trend": [
                trend([83, 90, 129, 70], [86, 93, 136, 82]),
                trend([50, 60, 41, 77, 80], [100, 110, 95, 120, 118]),
            ],
            "deleted": [residuals(curve), residuals(cubic)],
            "variances": [
                variances([float(x) for x in rng.integers(80, 900, 9)], [0.0] + [417.0] * 8 + [0.0]),
                variances([300.0] * 7, [208.25] * 8),
            ],
            "folds": [
                folds(restless, range(41)),
                folds(restless, list(range(15)) + list(range(21, 47))),
            ],
            "leans": [lean(restless), lean([-9.0, 0.5, 1.0, 1.5, 2.0])],
            "shares": [shares(votes)],
            "ln_factorial": [[n, math.lgamma(n + 1)] for n in (0, 1, 2, 5, 11, 12, 100, 12345, 10**7)],
            "poisson": [{"mean": m, "chances": chances(stats.poisson(m), l)} for m, l in ((3.5, 12), (25.0, 45))],
            "binomial": [
                {"count": n, "chance": p, "chances": chances(stats.binom(n, p), l)}
                for n, p, l in ((12, 0.3, 9), (90, 0.4, 52), (60, 0.7, 52))
            ],
            "uniform": uniforms("honest", 7, 6),
        },
        indent=1,
    )
)
