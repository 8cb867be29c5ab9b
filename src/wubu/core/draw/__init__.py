"""How a `Graph` looks: as text, in Graphviz's language, and as an SVG picture.

In reading order: `wording.py` names values and writes types and parameters; `text.py`
is the listing. `picture.py` folds a graph into boxes and wires, coloured by
`families.py`, which `dot.py` writes for Graphviz. For the picture that needs no
Graphviz, `grouping.py` frames layers, `layers.py` and `placing.py` draw one frame in
layers, `layout.py` puts frames into frames, and `svg.py` writes it all down.

Everything here is a function of the graph alone: the same graph, the same output.
"""

from wubu.core.draw.dot import dot
from wubu.core.draw.svg import svg
from wubu.core.draw.text import text

__all__ = ["dot", "svg", "text"]
