"""Claims on the pictures: well formed, harmless, readable without colours, lit as the run went."""

from typing import Any
from xml.etree import ElementTree

import pytest

from .graph import graph
from .lights import Light, Lights
from .mermaid import mermaid
from .svg import svg

EVIL = "</text><script>alert(1)</script>\x1b[31m\u202e\x00\ud800&\"'"
STATES: dict[str, Any] = {
    "Work": {
        "Type": "Task",
        "Resource": "arn:aws:lambda:us-east-1:000000000000:function:orders",
        "Catch": [{"ErrorEquals": ["Boom"], "Next": "Sorry"}],
        "Next": "All",
    },
    "All": {
        "Type": "Map",
        "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}},
        "End": True,
    },
    "Sorry": {"Type": "Fail", "Error": "Boom"},
}
SHAPE = graph({"StartAt": "Work", "States": STATES})
LIT = Lights(
    "running",
    75.0,
    {
        "Work": Light(visits=3, seconds=1.5, retries=2, caught=1, errors=(("Boom", 3),)),
        "All": Light(visits=2, seconds=70.0, running=1),
    },
    {("Work", "All", False): 2, ("Work", "Sorry", True): 1},
)


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture.encode())


def texts(picture: str, kind: str) -> list[str]:
    return [str(each.text) for each in parsed(picture).iter() if kind in each.get("class", "").split()]


def tooltips(picture: str) -> list[str]:
    return [str(each.text) for each in parsed(picture).iter() if each.tag.endswith("title")]


def classes(picture: str, state: str) -> set[str]:
    for group in parsed(picture).iter():
        title = group[0].text or "" if len(group) else ""
        if title.startswith(f"{state} ("):
            return set(group.get("class", "").split())
    raise AssertionError(state)


def test_every_state_is_named_and_every_way_labelled() -> None:
    picture = svg(SHAPE, "agent shop")
    assert texts(picture, "name") == ["Work", "All", "One", "Sorry"]
    assert texts(picture, "label") == ["Boom"]
    assert texts(picture, "heading") == ["agent shop"]
    assert "lambda orders" in texts(picture, "small")


def test_states_and_ways_of_a_run_are_lit_as_they_went() -> None:
    picture = svg(SHAPE, "run", LIT)
    assert {"running"} <= classes(picture, "All")
    assert {"caught"} <= classes(picture, "Work")
    assert {"untouched"} <= classes(picture, "Sorry")
    assert [line for line in texts(picture, "told") if line != "None"] == [
        "3\u00d7 · caught · 2 retries · 1.50 s",
        "2\u00d7 · running · 70 s",
    ]
    assert texts(picture, "count") == ["2\u00d7"]
    assert "running · 5 states entered · 75 s" in texts(picture, "small")


def test_tooltips_name_errors_and_counts() -> None:
    told = tooltips(svg(SHAPE, "run", LIT))
    assert "Work (Task)\nlambda orders\n3 visits, 1 caught, 1.50 s\n2 retries\nBoom: 3 times" in told
    assert "Work → Sorry\nCatch Boom\ntaken 1 time" in told


def test_the_same_run_gives_the_same_bytes() -> None:
    assert svg(SHAPE, "run", LIT) == svg(SHAPE, "run", LIT)


def test_a_run_that_goes_on_does_not_move_its_picture() -> None:
    shape = graph({"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [], "Default": "A"}}})
    pictures = [svg(shape, "run", Lights("running", 1.0, {}, {("A", "A", False): count})) for count in (0, 7, 99)]
    places = [[each.get("d") for each in parsed(picture).iter() if each.get("d")] for picture in pictures]
    assert places[0] == places[1] == places[2]


@pytest.mark.parametrize("lit", [None, LIT])
def test_what_others_wrote_is_text_and_nothing_else(lit: Lights | None) -> None:
    rules = [{"Condition": f"{{% {EVIL} %}}", "Next": EVIL}]
    states = {
        "A": {"Type": "Choice", "Choices": rules, "Default": EVIL, "Comment": EVIL},
        EVIL: {"Type": "Fail", "Error": EVIL},
    }
    picture = svg(graph({"StartAt": "A", "States": states}), EVIL, lit)
    tags = {each.tag.rpartition("}")[2] for each in parsed(picture).iter()}
    assert tags <= {"svg", "title", "style", "rect", "g", "path", "circle", "text"}
    assert not any(letter in picture for letter in "\x1b\u202e\x00\ud800")
    assert all(each.isprintable() or each == "\n" for each in picture)


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    picture = svg(SHAPE, "run", LIT)
    assert "href" not in picture and "url(" not in picture and "@import" not in picture
    assert picture.count("http") == 1  # the namespace


def test_a_long_name_is_wrapped_and_whole_in_its_tooltip() -> None:
    name = "A state whose name says at length what it is for and why"
    picture = svg(graph({"StartAt": name, "States": {name: {"Type": "Succeed"}}}), "agent")
    assert " ".join(texts(picture, "name")) == name
    assert f"{name} (Succeed)" in tooltips(picture)


def test_mermaid_says_the_same() -> None:
    assert mermaid(SHAPE).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> Work",
        "    Work --> All",
        "    Work --> Sorry : catch Boom",
        '    state "All" as All {',
        "        [*] --> One",
        "        One --> [*]",
        "    }",
        "    All --> [*]",
        "    Sorry --> [*]",
    ]


def test_mermaid_shows_a_run() -> None:
    lines = [line.strip() for line in mermaid(SHAPE, LIT).splitlines()]
    assert 'state "Work<br/>3\u00d7 · caught · 2 retries · 1.50 s" as Work' in lines
    assert "Work --> Sorry : catch Boom 1\u00d7" in lines
    assert "class Work caught" in lines
    assert not any(line.startswith("class All") for line in lines)  # Mermaid has no colours for what has states inside.


def test_mermaid_reads_no_name_as_its_own() -> None:
    states = {
        "a b": {"Type": "Pass", "Next": "a_b"},
        "a_b": {"Type": "Pass", "Next": "end"},
        "end": {"Type": "Pass", "Next": 'q"} --> x : %%\n;#'},
        'q"} --> x : %%\n;#': {"Type": "Succeed"},
    }
    assert mermaid(graph({"StartAt": "a b", "States": states})).splitlines()[2:] == [
        '    state "a b" as a_b',
        "    a_b --> a_b_1",
        '    state "a_b" as a_b_1',
        "    a_b_1 --> end_2",
        '    state "end" as end_2',
        "    end_2 --> q_______x________",
        '    state "q#34;#125; --#62; x #58; #37;#37; #59;#35;" as q_______x________',
        "    q_______x________ --> [*]",
    ]
