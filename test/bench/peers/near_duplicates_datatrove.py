"""datatrove's MinHash in its four steps: `FOLDER OUT WORKERS LANGUAGE [KEPT_FILE]`. FOLDER has JSON lines of id and text."""

import gzip
import json
import sys
import time
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig
from near_duplicates_shared import finish

BUCKETS = 14
LANGUAGES = {"english": "eng", "chinese": "cmn_Hani", "japanese": "jpn_Jpan"}


def deduplicate(folder, out, workers, language):
    config = MinhashConfig(
        hash_config=HashConfig(precision=64), num_buckets=BUCKETS, hashes_per_bucket=8, n_grams=5
    )

    def run(name, tasks, *steps):
        LocalPipelineExecutor(
            pipeline=list(steps),
            tasks=tasks,
            workers=min(workers, tasks),
            start_method="fork",
            logging_dir=f"{out}/logs/{name}",
            skip_completed=False,
        ).run()

    sign = MinhashDedupSignature(f"{out}/signatures", config=config, language=LANGUAGES[language])
    run("sign", workers, JsonlReader(folder), sign)
    run("buckets", BUCKETS, MinhashDedupBuckets(f"{out}/signatures", f"{out}/buckets", config=config))
    run("cluster", 1, MinhashDedupCluster(f"{out}/buckets", f"{out}/removed", config=config))
    run("remove", workers, JsonlReader(folder), MinhashDedupFilter(f"{out}/removed"), JsonlWriter(f"{out}/clean"))


def kept_ids(out):
    for file in sorted(Path(out, "clean").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["id"]


if __name__ == "__main__":
    folder, out, workers, language = sys.argv[1:5]
    start = time.perf_counter()
    deduplicate(folder, out, int(workers), language)
    seconds = time.perf_counter() - start
    if len(sys.argv) > 5:
        finish(kept_ids(out), sys.argv[5], seconds)
