"""datasketch's MinHashLSH: a document is kept and inserted when the query for it finds nothing."""

from datasketch import MinHash, MinHashLSH
from near_duplicates_shared import keep, shingles


def deduplicate(documents):
    lsh = MinHashLSH(threshold=0.7, num_perm=128)
    kept = []
    for id, text in documents:
        minhash = MinHash(num_perm=128)
        minhash.update_batch([shingle.encode() for shingle in shingles(text)])
        if not lsh.query(minhash):
            lsh.insert(id, minhash)
            kept.append(id)
    return kept


keep(deduplicate)
