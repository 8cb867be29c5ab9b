"""Repeated values, made anew for everybody who reads them.

Numbers that are repeated to some shape are equal wherever the shape is: the same zeros
may be compared with weights and with samples, if a layer has as many units as the batch
has samples. An axis that is walked with both would run over samples and over weights.
Nothing is stored for a repeated value, so each reader gets one of its own. What is
repeated once is not repeated at all.
"""

from __future__ import annotations

from wubu.core.graph import Graph, Node, Value


def with_copies(graph: Graph) -> Graph:
    """The graph with a `broadcast_to` for each of its readers."""
    makers: dict[Value, Node] = {}
    same: dict[Value, Value] = {}  # as another value, of the same shape
    results = set(graph.results())
    read = set(results)
    nodes: list[Node] = []
    for node in graph.nodes:
        inputs = [same.get(v, v) for v in node.inputs]
        for place, value in enumerate(inputs):
            if value in makers and value in read:
                copy = Value(value.shape, value.dtype, value.name)
                nodes.append(makers[value]._replace(outputs=(copy,)))
                inputs[place] = copy
            read.add(value)
        if node.primitive.name == "broadcast_to":
            if inputs[0] in makers:  # repeated twice is repeated once
                inputs = list(makers[inputs[0]].inputs)
            (y,) = node.outputs
            if y.shape == inputs[0].shape and y not in results:
                same[y] = inputs[0]
                continue
            makers[y] = node._replace(inputs=tuple(inputs))
        node = node._replace(inputs=tuple(inputs))
        if node.primitive.name == "scan":
            params = {**node.params, "body": with_copies(node.params["body"])}
            node = node._replace(params=params)
        nodes.append(node)
    return graph.with_nodes(nodes)
