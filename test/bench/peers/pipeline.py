"""datatrove's own way from a crawl to clean text: `WARC_FOLDER OUT WORKERS WORDS`.

WARC reader, trafilatura, Gopher repetition, Gopher quality, then MinHash in its four steps. WORDS: `default` for
datatrove's own (spaCy), `white-space` for those of the Gopher paper, which are faster.
"""

import sys

if sys.argv[4] == "white-space":
    import white_space_words  # noqa: F401  (must come before the filters are used; workers are forked)
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig

BUCKETS = 14


def main(crawl, out, workers):
    config = MinhashConfig(
        hash_config=HashConfig(precision=64), num_buckets=BUCKETS, hashes_per_bucket=8, n_grams=5
    )
    filtered = f"{out}/filtered"

    def run(name, tasks, *steps):
        LocalPipelineExecutor(
            pipeline=list(steps),
            tasks=tasks,
            workers=min(workers, tasks),
            start_method="fork",
            logging_dir=f"{out}/logs/{name}",
            skip_completed=False,
        ).run()

    run(
        "filter",
        workers,
        WarcReader(crawl, glob_pattern="*.warc.gz"),
        Trafilatura(favour_precision=True),
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        JsonlWriter(filtered),
    )
    run("sign", workers, JsonlReader(filtered), MinhashDedupSignature(f"{out}/signatures", config=config))
    run("buckets", BUCKETS, MinhashDedupBuckets(f"{out}/signatures", f"{out}/buckets", config=config))
    run("cluster", 1, MinhashDedupCluster(f"{out}/buckets", f"{out}/removed", config=config))
    run("remove", workers, JsonlReader(filtered), MinhashDedupFilter(f"{out}/removed"), JsonlWriter(f"{out}/clean"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
