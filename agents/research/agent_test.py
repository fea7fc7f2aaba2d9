"""Claims on the research agent's scenarios: real tools over stand-ins of their services, a scripted model."""


def test_each_topic_is_told_with_its_source(play):
    run = play("research", "one company")
    assert run.status == "completed", run.end
    assert [call.is_error for call in run.calls] == [False]
    assert "Found on **2** topics of IBM, with 2 sources" in run.output.output
    assert "https://example.com/ibm-risks" in run.output.output


def test_the_companies_of_an_industry_are_researched_at_once(play):
    run = play("research", "leaders of an industry")
    assert run.status == "completed", run.end
    assert [call.name for call in run.calls] == ["top_industry_companies", "research_company", "research_company"]
    assert "**Google Inc.** leads with 80 %" in run.output.output
    assert "https://example.com/facebook-inc-recent-news" in run.output.output
