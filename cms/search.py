"""A forgiving search over some hundreds of pages, held in memory (pure: no database, no clock).

What it does with a question: small words go, each word is stemmed (Snowball English); a word the site does not know
is corrected against the site's own words (Damerau-Levenshtein); words and phrases that editors call the same are
the same; then each page is scored by where it says the word, and how rare the word is. The same on every database.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from unicodedata import category, normalize

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from snowballstemmer import stemmer

MAX_QUERY = 100
CLOSE_ENOUGH = 0.7  # of 1: how near a misspelt word must be to one of ours
SAME_MEANING = 0.65  # a word an editor calls the same counts this much of the word itself
SAID_WHOLE = 3.0  # small words and all, as an editor wrote it: more than its one word that says something
GUESSED = 0.85  # a corrected word counts this much
WEIGHTS = {"title": 7.8, "also_called": 5.8, "search_words": 4.0, "one_line": 1.8, "body": 0.6}
KIND_WEIGHT = {"answer": 1.23, "help": 1.05, "service": 1.0, "page": 1.0, "section": 0.5, "news": 0.5}
EXACTLY = 0.37  # the whole question is a name or a search word of the page, word for word
TITLE_COVERED = 0.47  # more of a short, fitting title than of a long one
LATER_WORDS = 0.95  # editors put the words that fit best first; each later one counts a little less


_WITHOUT_MARKS = str.maketrans("đł", "dl")  # letters of their own, that a phone without them writes so


def words_of(text: str) -> list[str]:
    """Lower-case words without marks: "Can't pay!" is cant, pay; "đói" and "doi" are one, and so are أكل and اكل."""
    text = text.lower()
    if not text.isascii():
        text = "".join(mark for mark in normalize("NFKD", text) if category(mark) != "Mn").translate(
            _WITHOUT_MARKS
        )
    return re.findall(r"[^\W_]+", text.replace("'", "").replace("’", ""))


# People misspell the inside of a word: "wedding" is not "bedding". Only letters that sound alike begin the same word.
SOUNDS_LIKE = {letter: letters for letters in ("ckqsz", "fpv", "gj", "aeiouyh", "kn") for letter in letters}
STOP_WORDS = frozenset(
    words_of(
        """
        a about am an and any are as at be been but by can could did do does for from get give got had has have help how
        i if im in into is isnt it its ive just like may me much my need of on or out please ran really still should so
        some someone something that the their them there they this to until us use want was we were what whats when
        where which who why will with would you your
        """
    )
)
_stem = stemmer("english")


@dataclass(frozen=True, slots=True)
class Document:
    """One page as search sees it. `kind`: answer, service, help, page, section or news.

    `amount` and `label` are shown, not searched. `weight`: under 1 for what has not started, or is for very few.
    """

    kind: str
    title: str
    address: str
    one_line: str = ""
    also_called: tuple[str, ...] = ()
    search_words: tuple[str, ...] = ()
    body: str = ""
    amount: str = ""
    label: str = ""
    weight: float = 1.0
    page_id: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    document: Document
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """The pages, best first; `corrected` is the question as we read it when a word was misspelt, else empty."""

    hits: tuple[Hit, ...]
    corrected: str = ""


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The root of a word: lessons and lesson are the same."""
    return str(_stem.stemWord(word))


def meaningful(words: Iterable[str]) -> list[str]:
    """The words that say something; all of them when none does."""
    words = list(words)
    return [word for word in words if word not in STOP_WORDS] or words


class Index:
    """Built once from all documents and synonym groups; then only read, so any number of threads may ask it."""

    def __init__(self, documents: Sequence[Document], synonyms: Iterable[Sequence[str]] = ()) -> None:
        self.documents = tuple(documents)
        self._scores: dict[str, dict[int, float]] = defaultdict(dict)  # stem -> document number -> weight
        self._phrases: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
        self._named: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)  # word for word
        self._titles = [
            frozenset(map(stem, meaningful(words_of(document.title)))) for document in self.documents
        ]
        self._whole_words: dict[str, str] = {}  # a word as written -> its stem
        seen: Counter[str] = Counter()
        for number, document in enumerate(self.documents):
            stems = self._add(number, document)
            seen.update(stems)
        total = max(len(self.documents), 1)
        self._rarity = {root: 1 + log(total / count) for root, count in seen.items()}
        self._same = self._synonyms(synonyms)
        self._vocabulary = sorted(self._whole_words)

    def search(self, query: str, *, limit: int = 20) -> Found:
        """The best pages for a question. An empty question finds nothing."""
        asked = words_of(query[:MAX_QUERY])
        read, guesses = self._read(meaningful(asked))
        if not read:
            return Found(())
        total: dict[int, float] = defaultdict(float)
        matched: dict[int, float] = defaultdict(float)
        rarity = [self._rare(root) for root in read]
        for root, rare in zip(read, rarity, strict=True):
            trust = GUESSED if root in guesses else 1.0
            for number, score in self._for_root(root).items():
                total[number] += score * rare * trust
                matched[number] += rare * min(1.0, score / WEIGHTS["one_line"])
        self._add_phrases(read, total, matched)
        self._add_said(asked, total, matched)
        whole = sum(rarity)
        for number, weight in self._names(tuple(asked), frozenset(read)).items():
            total[number] += weight * EXACTLY * whole
        hits = [
            Hit(self.documents[number], score * self._fit(number, set(read), matched[number] / whole))
            for number, score in total.items()
        ]
        hits.sort(key=lambda hit: (-hit.score, hit.document.title, hit.document.address))
        best = hits[0].score if hits else 0
        corrected = self._corrected(asked, guesses)
        return Found(tuple(hit for hit in hits[:limit] if hit.score >= best * 0.08), corrected)

    def suggest(self, beginning: str, *, limit: int = 6) -> tuple[Document, ...]:
        """Pages for a question that is still being typed: the last word may be half a word."""
        asked = words_of(beginning[:MAX_QUERY])
        if not asked:
            return ()
        whole, half = asked[:-1], asked[-1]
        ends = [word for word in self._vocabulary if word.startswith(half)][:8] if len(half) > 1 else []
        best: dict[int, float] = {}
        for word in [half, *ends]:
            for hit in self.search(" ".join([*whole, word]), limit=limit).hits:
                key = id(hit.document)
                best[key] = max(best.get(key, 0.0), hit.score)
        by_id = {id(document): document for document in self.documents}
        return tuple(by_id[key] for key in sorted(best, key=lambda key: -best[key])[:limit])

    def knows(self, word: str) -> bool:
        """Whether some page, or an editor's synonym, uses this word."""
        return stem(word) in self._scores or stem(word) in self._same

    def _add(self, number: int, document: Document) -> set[str]:
        stems: set[str] = set()
        fields = {
            "title": (document.title,),
            "also_called": document.also_called,
            "search_words": document.search_words,
            "one_line": (document.one_line,),
            "body": (document.body,),
        }
        for field, texts in fields.items():
            counts: Counter[str] = Counter()
            for place, text in enumerate(texts):
                words = words_of(text)
                weight = WEIGHTS[field] * LATER_WORDS ** min(place, 10)
                roots = [stem(word) for word in meaningful(words)]
                for word in words:
                    self._whole_words.setdefault(word, stem(word))
                if field != "body" and field != "one_line":
                    # A phrase that is wholly what was asked says more than its words apart.
                    for phrases, key in ((self._phrases, tuple(roots)), (self._named, tuple(words))):
                        phrases[key][number] = max(phrases[key].get(number, 0.0), weight)
                    for root in set(roots):
                        share = 1.0 if len(set(roots)) <= 2 else 2.0 / len(set(roots)) ** 0.75
                        counts_now = self._scores[root].get(number, 0.0)
                        self._scores[root][number] = max(counts_now, weight * min(1.0, share))
                else:
                    counts.update(roots)
                stems.update(roots)
            for root, count in counts.items():
                weight = WEIGHTS[field] * (min(count, 4) ** 0.5)
                self._scores[root][number] = self._scores[root].get(number, 0.0) + weight
        return stems

    def _synonyms(self, groups: Iterable[Sequence[str]]) -> dict[str, dict[int, float]]:
        """For each word or phrase of a group: the pages that the group's other words and phrases name."""
        same: dict[str, dict[int, float]] = defaultdict(dict)
        self._same_phrases: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
        self._same_said: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
        for group in groups:
            reached: dict[int, float] = defaultdict(float)
            targets = []
            for entry in map(words_of, group):
                roots = tuple(stem(word) for word in meaningful(entry))
                # "End it" without its small word is "end", which means other things: it counts only word for word.
                whole = len(entry) > 1 and len(roots) == 1
                meant = self._named.get(tuple(entry), {}) if whole else self._exactly(roots)
                for number, weight in meant.items():
                    reached[number] = max(reached[number], weight)
                for word in entry:
                    self._whole_words.setdefault(word, stem(word))
                if whole:
                    targets.append(self._same_said[tuple(entry)])
                else:
                    targets.append(same[roots[0]] if len(roots) == 1 else self._same_phrases[roots])
            for target in targets:
                for number, weight in reached.items():
                    target[number] = max(target.get(number, 0.0), weight * SAME_MEANING)
        return same

    def _exactly(self, roots: tuple[str, ...]) -> dict[int, float]:
        """Pages that give a whole phrase as a name or search word, or a single word strongly."""
        reached = dict(self._phrases.get(roots, {}))
        if len(roots) == 1:
            for number, weight in self._scores.get(roots[0], {}).items():
                if weight >= WEIGHTS["search_words"] * 0.8:
                    reached[number] = max(reached.get(number, 0.0), weight * 0.8)
        return reached

    def _read(self, words: list[str]) -> tuple[list[str], dict[str, str]]:
        """The stems asked for, and which of them were guessed (stem -> the word we took it for)."""
        roots: list[str] = []
        guesses: dict[str, str] = {}
        for word in words:
            root = stem(word)
            if root not in self._rarity and root not in self._same and not self._is_synonym_part(word):
                close = process.extractOne(
                    word,
                    self._candidates(word),
                    scorer=DamerauLevenshtein.normalized_similarity,
                    score_cutoff=CLOSE_ENOUGH,
                )
                if close is not None:
                    root = stem(close[0])
                    guesses[root] = f"{word}>{close[0]}"
            if root not in roots:
                roots.append(root)
        return roots, guesses

    def _candidates(self, word: str) -> list[str]:
        near, begins = range(len(word) - 2, len(word) + 3), SOUNDS_LIKE.get(word[0], word[0])
        return [
            known
            for known in self._vocabulary
            if len(known) in near and len(known) > 2 and known[0] in begins
        ]

    def _is_synonym_part(self, word: str) -> bool:
        return word in self._whole_words

    def _for_root(self, root: str) -> dict[int, float]:
        found = dict(self._scores.get(root, {}))
        for number, weight in self._same.get(root, {}).items():
            found[number] = max(found.get(number, 0.0), weight)
        return found

    def _add_phrases(self, read: list[str], total: dict[int, float], matched: dict[int, float]) -> None:
        for size in range(1, min(len(read), 5) + 1):
            for start in range(len(read) - size + 1):
                part = tuple(read[start : start + size])
                rare = sum(map(self._rare, part))
                for number, weight in self._phrases.get(part, {}).items():
                    bonus = 1.0 if size == len(read) else 0.5
                    total[number] += weight * rare * bonus
                if size > 1:
                    for number, weight in self._same_phrases.get(part, {}).items():
                        total[number] += weight * rare
                        matched[number] += rare * 0.8

    def _add_said(self, asked: list[str], total: dict[int, float], matched: dict[int, float]) -> None:
        for size in range(2, min(len(asked), 5) + 1):
            for start in range(len(asked) - size + 1):
                said = tuple(asked[start : start + size])
                if said in self._same_said:
                    rare = sum(self._rare(stem(word)) for word in meaningful(said))
                    for number, weight in self._same_said[said].items():
                        total[number] += weight * rare * SAID_WHOLE
                        matched[number] += rare * 0.8

    def _fit(self, number: int, read: set[str], covered: float) -> float:
        """How well the whole question fits the whole page: words it covers, title it fills, what kind of page it is."""
        document, title = self.documents[number], self._titles[number]
        filled = len(title & read) / len(title) if title else 0.0
        kind = KIND_WEIGHT.get(document.kind, 1.0) * document.weight
        return (0.25 + 0.75 * min(1.0, covered)) * (1 + TITLE_COVERED * filled) * kind

    def _names(self, asked: tuple[str, ...], read: frozenset[str]) -> dict[int, float]:
        """Pages that have the whole question as a name or search word; or all of it inside their title."""
        named = dict(self._named.get(asked, {}))
        for number in self._scores.get(next(iter(read)), {}):
            if read <= self._titles[number]:
                share = (len(read) / len(self._titles[number])) ** 0.5
                named[number] = max(named.get(number, 0.0), WEIGHTS["title"] * share)
        return named

    def _rare(self, root: str) -> float:
        return self._rarity.get(root) or (1 + log(len(self.documents) or 1))

    def _corrected(self, asked: list[str], guesses: dict[str, str]) -> str:
        if not guesses:
            return ""
        taken = dict(guess.split(">") for guess in guesses.values())
        return " ".join(taken.get(word, word) for word in asked)
