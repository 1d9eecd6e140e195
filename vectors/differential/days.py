"""Whole series of made-up days, vote by vote.

    python3 days.py honest > honest.json
    python3 days.py stuffed > stuffed.json
    python3 days.py official > official.json
    python3 days.py small > small.json
    python3 days.py bursts > bursts.json

Made with NumPy 2.4.6. It shares no code with the product: people arrive on a curve with a morning
and an evening peak, some in groups; k votes of a shard are published when 2k wait (docs/spec/booth.md).

- honest: 12 000 voters or so, k = 20, 2 shards, three options, four stations.
- stuffed: the same day; 420 votes for Shiny Saturn appear between 12:40 and 12:45 without stamps
  and check-ins, and at 15:30 one line of the list of voters is missing.
- official: the same day; sizes only while voting is open.
- bursts: the same day; in every fourth quarter of an hour 45 % of the votes for Bold Jupiter became
  votes for Shiny Saturn, from 12:00 until 13:00 there is no snapshot, and stamps are told every quarter.
- small: 300 voters and k = 50, too few to be judged.
"""

import json
import sys
from datetime import datetime, timedelta, timezone

import numpy as np

STEPS = 156
OPENING = datetime(2026, 11, 3, 7, tzinfo=timezone.utc)
OPTIONS = ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"]
STATIONS = ["8704-2A05-B259-1090", "8704-2A05-B259-1091", "ST-NORTH", "ST-SOUTH"]


def day(voters, k, shards):
    rng = np.random.default_rng(3)
    hours = 7 + np.arange(STEPS) / 12
    rate = 0.5 + 1.1 * np.exp(-(((hours - 8.8) / 1.7) ** 2)) + 1.6 * np.exp(-(((hours - 17.6) / 2) ** 2))
    votes, stamps, check_ins = np.zeros(3, int), np.zeros(4, int), 0
    waiting = [[] for _ in range(shards)]
    rows = [(votes.copy(), stamps.copy(), 0)]
    for step in range(STEPS):
        leading = 0.51 - 0.03 * step / STEPS
        for _ in range(rng.poisson(voters / 1.2 * rate[step] / rate.sum())):
            station = rng.choice(4, p=[0.4, 0.3, 0.2, 0.1])
            for _ in range(1 if rng.random() < 0.88 else 2 + rng.integers(2)):
                check_ins += 1
                if rng.random() < 0.01:
                    continue
                stamps[station] += 1 + rng.poisson(0.03)
                option = rng.choice(3, p=[leading, 0.9 - leading, 0.1])
                shard = waiting[rng.integers(shards)]
                shard.append(option)
                if len(shard) >= 2 * k:
                    for cut in shard[:k]:
                        votes[cut] += 1
                    del shard[:k]
        if step == STEPS - 1:
            for option in sum(waiting, []):
                votes[option] += 1
        rows.append((votes.copy(), stamps.copy(), check_ins))
    return rows


def main(kind):
    voters, k, shards = (300, 50, 1) if kind == "small" else (12000, 20, 2)
    snapshots, moved, before = [], 0, 0
    for at, (votes, stamps, check_ins) in enumerate(day(voters, k, shards)):
        votes = [int(one) for one in votes]
        if kind == "stuffed" and at >= 69:
            votes[1] += 420
        if kind == "bursts":
            if (at + 2) // 3 % 4 == 2:
                moved += int(0.45 * (votes[0] - before))
            before = votes[0]
            votes[0], votes[1] = votes[0] - moved, votes[1] + moved
            if 60 < at < 72:
                continue
        snapshot = {
            "time": (OPENING + timedelta(minutes=5 * at)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "votes": sum(votes),
            "voters": sum(votes) - (kind == "stuffed" and at == 102),
        }
        if kind != "official" or at == STEPS:
            snapshot["by_option"] = votes
        if kind != "official" and (kind != "bursts" or at % 3 == 0):
            snapshot["stamps"] = [int(one) for one in stamps]
        if kind != "official":
            snapshot["check_ins"] = check_ins
        snapshots.append(snapshot)
    print('{"campaign": "solar", "k": %d, "shards": %d, "stamp_period_s": 86400,' % (k, shards))
    print(' "closed": true, "options": %s,' % json.dumps(OPTIONS))
    if kind != "official":
        print(' "stations": %s,' % json.dumps(STATIONS))
    print(' "snapshots": [')
    print(",\n".join("  " + json.dumps(one) for one in snapshots))
    print(" ]}")


main(sys.argv[1])
