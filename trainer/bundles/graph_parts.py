"""A network in ONNX in two parts: the last layer with all that its weights decide, and the body before it."""

from collections.abc import Iterable

import onnx
from onnx import TensorProto, helper

from dogbreed.answers.outputs import OUTPUT

LINEAR = ("Conv", "Gemm", "MatMul")


def body_of(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network without its last layer and what depends on it. Its outputs are what those need, and other outputs."""
    graph = model.graph
    last = _decided_by_last_layer(model)
    depending = _dependents(model, [value.name for value in graph.input])
    needed = {name for node in graph.node if set(node.output) & last for name in node.input} | _outputs(model)
    edges = sorted(name for name in needed & depending if name not in last and name not in _inputs(model))
    nodes = _ancestors(graph, edges)
    used = {name for node in nodes for name in node.input}
    body = helper.make_graph(
        nodes,
        "body",
        list(graph.input),
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in edges],
        [tensor for tensor in graph.initializer if tensor.name in used],
    )
    return helper.make_model(body, opset_imports=list(model.opset_import), ir_version=model.ir_version)


def with_body(model: onnx.ModelProto, body: onnx.ModelProto, prefix: str) -> onnx.ModelProto:
    """The network with another body, which has the outputs of `body_of(model)`.

    All names in it but those of its input and outputs get the prefix, so that they are no names of the other part.
    """
    ends = _inputs(body) | _outputs(body)
    renamed = onnx.ModelProto()
    renamed.CopyFrom(body)
    for node in renamed.graph.node:
        node.input[:] = [name if not name or name in ends else prefix + name for name in node.input]
        node.output[:] = [name if not name or name in ends else prefix + name for name in node.output]
        node.name = ""  # optional, and only some have one
    for tensor in renamed.graph.initializer:
        tensor.name = prefix + tensor.name
    rest = _ancestors(model.graph, _outputs(model), _outputs(body))
    used = {name for node in rest for name in node.input}
    joined = onnx.ModelProto()
    joined.CopyFrom(model)
    for field in (joined.graph.node, joined.graph.initializer, joined.graph.value_info, joined.opset_import):
        del field[:]
    joined.graph.node.extend([*renamed.graph.node, *rest])
    joined.graph.initializer.extend(renamed.graph.initializer)
    joined.graph.initializer.extend(tensor for tensor in model.graph.initializer if tensor.name in used)
    joined.opset_import.extend(body.opset_import)
    return joined


def _decided_by_last_layer(model: onnx.ModelProto) -> set[str]:
    """The names of all tensors that depend on the weights of the last layer: of the linear ones before the logits."""
    depending = _dependents(model, _inputs(model))
    weights = set()
    for node in _last_linear(model.graph):
        weights |= {name for name in node.input if name not in depending}
    # Weights in half precision are converted first, and other layers use what they are converted from or to.
    weights |= {node.input[0] for node in model.graph.node if node.op_type == "Cast" and set(node.output) & weights}
    return _dependents(model, weights) - weights


def _last_linear(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The linear layers from which a path leads to the logits, and none to another linear layer on it."""
    wanted, found = {OUTPUT}, []
    for node in reversed(graph.node):
        if wanted & set(node.output):
            if node.op_type in LINEAR:
                found.append(node)
            else:
                wanted |= set(node.input)
    return found


def _inputs(model: onnx.ModelProto) -> set[str]:
    return {value.name for value in model.graph.input}


def _outputs(model: onnx.ModelProto) -> set[str]:
    return {value.name for value in model.graph.output}


def _dependents(model: onnx.ModelProto, names: Iterable[str]) -> set[str]:
    """These tensors, and all that are computed from them."""
    found = set(names)
    for node in model.graph.node:  # in the order of computation
        if found & set(node.input):
            found |= set(node.output)
    return found


def _ancestors(graph: onnx.GraphProto, names: Iterable[str], known: Iterable[str] = ()) -> list[onnx.NodeProto]:
    """The nodes that compute these tensors, in the order of computation; `known` tensors need no nodes."""
    wanted, ready = set(names), set(known)
    nodes = []
    for node in reversed(graph.node):
        if (wanted - ready) & set(node.output):
            nodes.append(node)
            wanted |= set(node.input)
    return nodes[::-1]
