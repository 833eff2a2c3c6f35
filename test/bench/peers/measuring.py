"""What the scripts share: reading the sample and printing one measurement a line."""

import json
import sys
import time


def sample(name):
    """The values of one field of the sample file, the first argument."""
    with open(sys.argv[1], encoding="utf-8") as lines:
        return [json.loads(line)[name] for line in lines]


def runs():
    return int(sys.argv[2])


def measure(program, values, work):
    """Calls `work(value)` for every value, `runs()` times over, and prints the seconds of each run."""
    work(values[0])
    seconds = []
    for _ in range(runs()):
        start = time.perf_counter()
        for value in values:
            work(value)
        seconds.append(time.perf_counter() - start)
    report(program, values, seconds)


def report(program, values, seconds):
    size = sum(len(value.encode("utf-8", "replace")) for value in values)
    print(json.dumps({"program": program, "documents": len(values), "bytes": size, "seconds": seconds}), flush=True)
