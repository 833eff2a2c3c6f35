"""MinHash signatures of a sample of texts by datatrove, datasketch and rensa."""

import re

from measuring import measure, sample

texts = sample("text")


def datatrove():
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
    from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=14, hashes_per_bucket=8, n_grams=5)
    step = MinhashDedupSignature("/tmp", config=config)

    def sign(text):
        shingles = step.get_shingles(text)
        if shingles.size != 0:
            step.get_signature(shingles)

    return sign


def shingles(text):
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))]


def datasketch():
    from datasketch import MinHash

    def sign(text):
        minhash = MinHash(num_perm=128)
        minhash.update_batch([shingle.encode() for shingle in shingles(text)])
        return minhash.digest()

    return sign


def rensa():
    from rensa import RMinHash

    def sign(text):
        minhash = RMinHash(num_perm=128, seed=1)
        minhash.update(shingles(text))
        return minhash.digest()

    return sign


measure("datatrove 0.10.1 (14 x 8, spaCy words)", texts, datatrove())
measure("datasketch 2.0.0, 128 permutations", texts, datasketch())
measure("rensa 0.5.0 (Rust), 128 permutations, shingles made in Python", texts, rensa())
