"""ONNX Runtime: inference only, with every optimisation it has."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from protocol import ImpossibleError, Job, Prepared, Steps, each, serve

OPSET = 17


class Writer:
    """Writes a network as an ONNX graph, layer by layer."""

    def __init__(self, job: Job) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.parameters = 0
        self.last = "x"
        self._rng = np.random.default_rng(0)
        *size, features = job.input_shape
        self.size, self.features = size, features
        for kind, *rest in job.layers:
            getattr(self, kind)(*rest)

    def weight(self, *shape: int) -> str:
        """First weights, small enough for outputs of ordinary size."""
        array = self._rng.normal(0, 0.05, shape).astype(np.float32)
        self.parameters += array.size
        return self.constant(array)

    def constant(self, array: np.ndarray) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind: str, *inputs: str, out: int = 0, **settings: object) -> None:
        """Adds a node; its output number `out` is what the next one takes."""
        names = [""] * out + [f"v{len(self.nodes)}"]
        before = [self.last, *inputs]
        self.nodes.append(helper.make_node(kind, before, names, **settings))
        self.last = names[-1]

    def conv(self, filters: int, window: int, padding: str) -> None:
        around = window // 2 if padding == "same" else 0
        kernel = self.weight(filters, self.features, window, window)
        self.node("Conv", kernel, self.weight(filters), pads=[around] * 4)
        self.node("Relu")
        self.size = [n - window + 1 + 2 * around for n in self.size]
        self.features = filters

    def pool(self, padding: str) -> None:
        same = int(padding == "same")
        window = {"kernel_shape": [2, 2], "strides": [2, 2]}
        self.node("MaxPool", ceil_mode=same, **window)
        self.size = [(n + same) // 2 for n in self.size]

    def flatten(self) -> None:
        self.node("Flatten")
        self.features *= int(np.prod(self.size))

    def dense(self, units: int, activation: str) -> None:
        self.node("Gemm", self.weight(self.features, units), self.weight(units))
        if activation == "relu":
            self.node("Relu")
        self.features = units

    def dropout(self, rate: float) -> None:
        """Nothing to do: this is inference."""

    def lstm(self, units: int) -> None:
        """Time comes first; of its three outputs the second is the last state."""
        self.node("Transpose", perm=[1, 0, 2])
        weights = [self.weight(1, 4 * units, n) for n in (self.features, units)]
        # ONNX has a bias for the input and one for the state; the second is zero.
        bias = np.zeros((1, 8 * units), np.float32)
        self.parameters += 4 * units
        self.node("LSTM", *weights, self.constant(bias), out=1, hidden_size=units)
        self.node("Squeeze", self.constant(np.array([0], np.int64)))
        self.features = units


def write(job: Job) -> tuple[bytes, int]:
    """The network as an ONNX model, and how many parameters it has."""
    written = Writer(job)
    *size, features = job.input_shape
    shape = (
        [job.batch, features, *size] if len(size) == 2 else [job.batch, *size, features]
    )
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    y = helper.make_tensor_value_info(written.last, TensorProto.FLOAT, [job.batch, 10])
    graph = helper.make_graph(written.nodes, "network", [x], [y], written.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model.SerializeToString(), written.parameters


def prepare(job: Job) -> Prepared:
    if job.task != "predict":
        raise ImpossibleError("it predicts only")
    model, parameters = write(job)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job.threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(
        model, options, providers=["CPUExecutionProvider"]
    )
    xs = [as_images(part) for part in job.batches()[0]]
    return Prepared(steps(session, xs), parameters)


def steps(session: onnxruntime.InferenceSession, xs: list[np.ndarray]) -> Steps:
    return each(lambda i: session.run(None, {"x": xs[i % len(xs)]})[0])


def as_images(x: np.ndarray) -> np.ndarray:
    """Channels before height and width, as ONNX has them."""
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x


if __name__ == "__main__":
    versions = {"onnxruntime": onnxruntime.__version__, "onnx": onnx.__version__}
    serve("ONNX Runtime", versions, prepare)
