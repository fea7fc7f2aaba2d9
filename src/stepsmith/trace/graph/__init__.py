"""A state machine as a graph, alone or with a run in it, and its two pictures.

    shape = graph(definition)                       # states, ways, branches inside: any definition in ASL
    lit = lights(shape, history)                    # what a run did there: visits, retries, failures, time, ways taken
    svg(shape, "run 7f3k of agent sql", lit)        # for a browser
    mermaid(shape, lit)                             # for Markdown

It needs a definition and a history as AWS's API answers them, and nothing else: the terminal, the documentation and
the console draw the same picture, of runs on AWS, too.
"""

from .graph import Graph, State, Way, graph
from .lights import Light, Lights, lights
from .mermaid import mermaid
from .svg import svg

__all__ = ["Graph", "Light", "Lights", "State", "Way", "graph", "lights", "mermaid", "svg"]
