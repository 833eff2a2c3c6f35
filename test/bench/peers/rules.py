"""Gopher quality and repetition over a sample of texts by datatrove, with white-space words."""

import white_space_words  # noqa: F401  (must come before the filters are used)
from datatrove.data import Document
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
from measuring import measure, sample

quality = GopherQualityFilter()
repetition = GopherRepetitionFilter()


def both(text):
    document = Document(text=text, id="0")
    quality.filter(document)
    repetition.filter(document)


measure("datatrove 0.10.1, white-space words (stops at the first rule that fires)", sample("text"), both)
