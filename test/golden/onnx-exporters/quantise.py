"""view-dynamic-opset13.onnx as the static quantisation of ONNX Runtime writes it: quantise.py FOLDER."""
import os, sys
import numpy as np
import onnx.reference  # Before onnxruntime, whose own operators it would trip over.
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

folder = sys.argv[1]
random = np.random.default_rng(11)

class Samples(CalibrationDataReader):
    def __init__(self):
        self.left = [random.uniform(-1, 1, (1, 1, 8, 8)).astype(np.float32) for _ in range(64)]
    def get_next(self):
        return {'x': self.left.pop()} if self.left else None

quantize_static(os.path.join(folder, 'view-dynamic-opset13.onnx'), os.path.join(folder, 'static-qdq-opset13.onnx'),
    Samples(),
                quant_format=QuantFormat.QDQ, weight_type=QuantType.QInt8, activation_type=QuantType.QUInt8)
