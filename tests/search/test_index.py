"""The ranker alone: no database."""

from cms.search import Document, Index

BED = Document(
    "answer", "Money for your first home", "/handbook/home/", "A bed and a cooker.", search_words=("bed",)
)
BUS = Document(
    "answer", "Half-price bus", "/handbook/bus/", "Cheaper buses.", search_words=("bus pass", "oyster")
)
GROUP = Document(
    "service", "Cooking group", "/services/cooking/", "Learn to cook.", body="Bring a friend on the bus."
)
INDEX = Index([BED, BUS, GROUP], synonyms=[("mattress", "bed"), ("no cash", "skint", "bed")])


def first(query: str) -> str:
    hits = INDEX.search(query).hits
    return hits[0].document.address if hits else ""


def test_a_misspelt_word_is_read_as_one_of_ours_and_said_so():
    found = INDEX.search("mattres")

    assert found.hits[0].document is BED
    assert found.corrected == "mattress"


def test_an_editors_synonym_finds_the_page_it_means():
    assert first("skint") == BED.address
    assert first("no cash") == BED.address


def test_other_forms_of_a_word_are_the_same_word():
    assert first("buses") == BUS.address
    assert first("cooked") == GROUP.address


def test_small_words_do_not_lead_astray():
    assert first("how do i get a bus") == BUS.address


def test_a_title_counts_more_than_a_body():
    assert INDEX.search("bus").hits[0].document == BUS
    assert INDEX.search("friend").hits[0].document == GROUP


def test_nothing_hostile_or_empty_breaks_it():
    for query in ("", " ", "'; drop table --", "\0", "%" * 500, "بنك", "🛏️", "<script>", "a" * 10_000):
        INDEX.search(query)
        INDEX.suggest(query)

    assert INDEX.search("").hits == ()
    assert INDEX.search("xylophone").hits == ()


def test_half_a_word_suggests_pages():
    assert BUS in INDEX.suggest("oys")


def test_the_same_question_always_gets_the_same_answer():
    again = Index([BED, BUS, GROUP], synonyms=[("mattress", "bed"), ("no cash", "skint", "bed")])

    assert again.search("bed bus cook") == INDEX.search("bed bus cook")


def test_a_small_word_belongs_to_what_an_editor_wrote():
    """ "End it" is not every end: only the whole words mean the same."""
    gown = Document("answer", "A gown", "/handbook/gown/", search_words=("end of degree",))
    help_now = Document("help", "Urgent help", "/help/urgent/", search_words=("suicide",))
    searched = Index([gown, help_now], synonyms=[("suicide", "end it")])

    assert searched.search("i want to end it").hits[0].document is help_now
    assert searched.search("end of my degree").hits[0].document is gown
    assert [hit.document for hit in searched.search("suicide").hits] == [help_now]


def test_a_word_is_misspelt_inside_and_accents_come_in_two_forms():
    bedding = Document("answer", "Bedding", "/handbook/bedding/", search_words=("tiền",))

    assert Index([bedding]).search("wedding").hits == ()
    assert Index([bedding]).search("beding").hits[0].document is bedding
    assert Index([bedding]).search("tie\u0302\u0300n").hits[0].document is bedding
