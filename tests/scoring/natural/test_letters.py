from tracelib.scoring.natural.letters import plain, words


def test_plain_letters_keep_every_place():
    text = "Womé’s “Åre” – İstanbul Łódź ﬁ 🙂 x"
    assert len(plain(text)) == len(text)
    assert plain("Womé’s “Åre” – Łódź") == 'wome\'s "are" - lodz'


def test_words_have_places_and_no_possessive_s():
    text = "ada's under-secretary (1990)"
    found = words(text)
    assert [word.text for word in found] == ["ada", "under", "secretary", "1990"]
    assert [text[word.start : word.end] for word in found] == [word.text for word in found]
