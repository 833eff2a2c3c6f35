"""What the near-duplicate scripts share: `FILE KEPT_FILE LANGUAGE`, 5-grams, and saying what was kept and how long it took."""

import json
import re
import sys
import time

WORDS = 5


def documents():
    """Ids and texts of the corpus, in its order."""
    with open(sys.argv[1], encoding="utf-8") as lines:
        return [(d["id"], d["text"]) for d in map(json.loads, lines)]


def language():
    return sys.argv[3]


def shingles(text):
    """5-grams of words, or of letters and digits in the languages written without spaces."""
    if language() == "english":
        words, space = re.findall(r"\w+", text.lower()), " "
    else:
        words, space = [c for c in text if c.isalnum()], ""
    return [space.join(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))]


def keep(deduplicate):
    """Calls `deduplicate(documents)`, which returns the ids that it keeps; reading and start are not timed."""
    values = documents()
    start = time.perf_counter()
    kept = deduplicate(values)
    finish(kept, sys.argv[2], time.perf_counter() - start)


def finish(kept, file, seconds):
    with open(file, "w", encoding="utf-8") as out:
        out.writelines(f"{id}\n" for id in kept)
    print(json.dumps({"seconds": seconds}), flush=True)
