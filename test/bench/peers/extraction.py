"""Main content of a sample of pages by trafilatura and resiliparse."""

import trafilatura
from measuring import measure, sample
from resiliparse.extract.html2text import extract_plain_text

pages = sample("html")
measure("resiliparse 2.0.1 (C++), main content", pages, lambda page: extract_plain_text(page, main_content=True))
measure("trafilatura 2.3.1", pages, trafilatura.extract)
