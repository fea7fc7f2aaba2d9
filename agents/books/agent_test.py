"""Claims on the books agent's scenarios: the real tool over the stand-in of its service, a scripted model."""


def test_a_book_is_recommended_from_the_list(play):
    run = play("books", "a novel")
    assert run.status == "completed", run.end
    assert [call.is_error for call in run.calls] == [False]
    assert run.output.output.startswith("**THE SAMPLE** by Author 1: it has been on the list for 9 weeks")


def test_a_genre_without_a_list_is_told_and_another_one_looked_at(play):
    run = play("books", "no such list")
    assert run.status == "completed", run.end
    assert [call.is_error for call in run.calls] == [True, False]
    assert "**THE SAMPLE** by Author 1" in run.output.output
