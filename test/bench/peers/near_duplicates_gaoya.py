"""gaoya's MinHashStringIndex: a document is kept and inserted when the query for it finds nothing."""

import gaoya
from near_duplicates_shared import WORDS, keep, language, shingles


def deduplicate(documents):
    index = gaoya.minhash.MinHashStringIndex(
        jaccard_threshold=0.7,
        # Its own analyzer of characters takes white space and punctuation for letters.
        analyzer="word" if language() == "english" else shingles,
        lowercase=True,
        ngram_range=(WORDS, WORDS),
    )
    kept = []
    for number, (id, text) in enumerate(documents):
        if not index.query(text):
            index.insert_document(number, text)
            kept.append(id)
    return kept


keep(deduplicate)
