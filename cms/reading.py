"""How hard some words are to read (pure). A guide for editors, never a gate.

Reading age is the Flesch-Kincaid grade (Kincaid and others, 1975: 0.39 x words in a sentence + 11.8 x syllables in a
word - 15.59) plus five years. Syllables come from hyphenation patterns, and from vowels for short words.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pyphen import Pyphen

GOOD_UPTO = 11.0  # product.md: about 9 to 11
LONG_SENTENCE = 20  # words
JARGON = {
    "accommodation": "a place to live",
    "additional": "more, extra",
    "advise": "tell",
    "allocate": "give",
    "allocated": "given",
    "applicable": "that fits",
    "approximately": "about",
    "assist": "help",
    "assistance": "help",
    "commence": "start",
    "client": "young person",
    "clients": "young people",
    "corporate parent": "the council, as your parent",
    "criteria": "rules",
    "cohort": "group",
    "dependant": "child you look after",
    "discretionary": "we can say yes or no",
    "eet": "college, work or training",
    "eligible": "can get",
    "ensure": "make sure",
    "entitlement": "what you can get",
    "facilitate": "help",
    "in accordance with": "as, by",
    "in receipt of": "getting",
    "independence": "living on your own",
    "liaise": "talk",
    "looked after child": "child in care",
    "multi-agency": "with other teams",
    "neet": "not in college, work or training",
    "obtain": "get",
    "outcome": "what happened",
    "placement": "home",
    "prior to": "before",
    "provision": "help",
    "purchase": "buy",
    "referral": "asking another team to help",
    "regarding": "about",
    "remuneration": "pay",
    "require": "need",
    "safeguarding": "keeping people safe",
    "signpost": "show",
    "statutory": "the law says",
    "subsequently": "later",
    "sufficient": "enough",
    "uasc": "came to the UK alone",
    "utilise": "use",
    "vulnerable": "say what the risk is",
    "with regard to": "about",
}
_JARGON = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, JARGON), key=len, reverse=True)) + r")\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Reading:
    """`age` in years (0 for no words); the longest sentences; each jargon word with what to say instead."""

    age: float
    words: int
    long_sentences: tuple[str, ...]
    jargon: tuple[tuple[str, str], ...]

    @property
    def is_easy(self) -> bool:
        return self.age <= GOOD_UPTO


def measure(text: str) -> Reading:
    """How hard a text is. Tokens such as {amount:laptop} count as one short word; addresses as one."""
    plain = re.sub(r"\{[^}]*\}", "this", re.sub(r"https?://\S+", "site", text))
    sentences = [
        part.strip() for part in re.split(r"[.!?:;]+(?:\s|$)|\n+", plain) if re.search(r"[A-Za-z]", part)
    ]
    words = re.findall(r"[A-Za-z][A-Za-z'’-]*", plain)
    if not words:
        return Reading(0.0, 0, (), ())
    by_sentence = len(words) / max(len(sentences), 1)
    by_word = sum(syllables(word) for word in words) / len(words)
    age = max(5.0, 0.39 * by_sentence + 11.8 * by_word - 15.59 + 5)
    long = tuple(part for part in sentences if len(part.split()) > LONG_SENTENCE)
    found = dict.fromkeys(match.lower() for match in _JARGON.findall(plain))
    return Reading(round(age, 1), len(words), long, tuple((word, JARGON[word]) for word in found))


@cache
def _hyphens() -> Pyphen:
    """The list of where words may be parted, read when a text is first measured."""
    return Pyphen(lang="en_GB")


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """Syllables in an English word, at least one."""
    bare = re.sub(r"[^a-z]", "", word.lower())
    spoken = re.sub(r"(?<=[^laeiouy])e$|(?<=[^td])ed$", "", bare)  # the e of "home" and of "moved" is silent
    vowels = len(re.findall(r"[aeiouy]+", spoken)) or 1
    return max(1, vowels if len(bare) <= 5 else max(len(_hyphens().positions(bare)) + 1, min(vowels, 3)))
