"""Makes datatrove's Gopher filters split words at white space, as the paper does: its spaCy words are much slower."""

import datatrove.pipeline.filters.gopher_quality_filter as quality
import datatrove.pipeline.filters.gopher_repetition_filter as repetition


def split_at_white_space(text, language=None):
    return text.split()


quality.split_into_words = split_at_white_space
repetition.split_into_words = split_at_white_space
