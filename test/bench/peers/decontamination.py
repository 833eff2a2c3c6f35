"""Test-set filtering of a sample of texts by datatrove's n-gram filter: `SAMPLE RUNS EXAMPLES` (JSON lines)."""

import json
import sys
import tempfile

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter
from datatrove.utils.text import ngrams, simplify_text
from measuring import measure, sample

config = NGramsDecontConfig(n_grams=13)
with tempfile.TemporaryDirectory() as folder:
    step = NGramsDecontFilter(folder, config)
    hashes = set()
    with open(sys.argv[3], encoding="utf-8") as lines:
        for line in lines:
            words = step.tokenizer.word_tokenize(simplify_text(json.loads(line)["text"], config.norm_config))
            hashes.update(step.hash_func(" ".join(ngram)) for ngram in ngrams(words, config.n_grams))
    array = np.array(list(hashes), dtype=config.hash_config.np_descr)
    array.tofile(f"{folder}/made_up.index.hashes")
    measure(
        "datatrove 0.10.1, 13-grams, spaCy words",
        sample("text"),
        lambda text: step.filter(Document(text=text, id="0")),
    )
