"""rensa's RMinHashDeduplicator with LSH, fed as its README does: it says of each document whether it is kept."""

from near_duplicates_shared import keep, shingles
from rensa import RMinHashDeduplicator


def deduplicate(documents):
    deduplicator = RMinHashDeduplicator(threshold=0.7, num_perm=128, use_lsh=True)
    flags = deduplicator.add_pairs((id, shingles(text)) for id, text in documents)
    return [id for (id, _), kept in zip(documents, flags, strict=True) if kept]


keep(deduplicate)
