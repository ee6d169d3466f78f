"""Files in the manner of exporters that cannot run here, by the onnx package's own helpers."""
import sys, numpy as np, onnx
from onnx import helper as h, numpy_helper as nh, TensorProto as T
out = sys.argv[1]
rng = np.random.default_rng(5)
w = lambda *s: (rng.standard_normal(s) / np.sqrt(max(1, np.prod(s[1:])))).astype(np.float32)

def save(name, nodes, inputs, outputs, constants, opset, producer):
    graph = h.make_graph(nodes, name, [h.make_tensor_value_info(n, T.FLOAT, s) for n, s in inputs],
                         [h.make_tensor_value_info(n, T.FLOAT, s) for n, s in outputs],
                         [nh.from_array(np.asarray(v), n) for n, v in constants.items()])
    model = h.make_model(graph, producer_name=producer, opset_imports=[h.make_opsetid('', opset)])
    model.ir_version = 7 if opset < 15 else 8 if opset < 19 else 9 if opset < 21 else 10
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f'{out}/{name}.onnx')

n = h.make_node
# Keras through tf2onnx: images with channels last, SAME padding, matrix and summand apart.
save('keras-nhwc-opset15', [
    n('Transpose', ['x'], ['t0'], name='model/c1/Conv2D__5', perm=[0,3,1,2]),
    n('Conv', ['t0','w1'], ['c1'], name='model/c1/Conv2D', kernel_shape=[3,3], strides=[2,2], pads=[0,0,1,1],
        dilations=[1,1], group=1),
    n('Add', ['c1','b1'], ['a1'], name='model/c1/BiasAdd'),
    n('Relu', ['a1'], ['r1'], name='model/c1/Relu'),
    n('BatchNormalization', ['r1','g','be','m','v'], ['n1'], name='model/bn/FusedBatchNormV3', epsilon=1e-3),
    n('Conv', ['n1','w2','b2'], ['c2'], name='model/dw/depthwise', kernel_shape=[3,3], auto_pad='SAME_UPPER', group=4),
    n('Clip', ['c2','zero','six'], ['r2'], name='model/relu6/Relu6'),
    n('MaxPool', ['r2'], ['p'], name='model/pool', kernel_shape=[2,2], strides=[2,2]),
    n('Transpose', ['p'], ['t1'], name='model/pool__12', perm=[0,2,3,1]),
    n('Reshape', ['t1','shape'], ['f'], name='model/flatten/Reshape'),
    n('MatMul', ['f','w3'], ['d'], name='model/dense/MatMul'),
    n('Add', ['d','b3'], ['e'], name='model/dense/BiasAdd'),
    n('Softmax', ['e'], ['y'], name='model/dense/Softmax'),
  ], [('x', ['unk__1', 9, 9, 2])], [('y', ['unk__2', 3])], dict(w1=w(4,2,3,3), b1=w(4).reshape(1,4,1,1),
      g=np.float32([.5,1,1.5,2]), be=w(4), m=w(4), v=np.float32([.5,1,1.5,2]),
      w2=w(4,1,3,3), b2=w(4), zero=np.float32(0), six=np.float32(6), shape=np.int64([-1, 16]), w3=w(16,3),
      b3=w(3)), 15, 'in the manner of tf2onnx')

# Keras Conv1D: a convolution over an image of one row.
save('keras-row-opset12', [
    n('Transpose', ['x'], ['t0'], perm=[0,2,1]),
    n('Unsqueeze', ['t0'], ['u'], axes=[2]),
    n('Conv', ['u','w1','b1'], ['c'], kernel_shape=[1,5], strides=[1,2], pads=[0,1,0,2]),
    n('Squeeze', ['c'], ['s'], axes=[2]),
    n('Relu', ['s'], ['r']),
    n('ReduceMean', ['r'], ['g'], axes=[2], keepdims=0),
    n('Gemm', ['g','w2','b2'], ['y'], alpha=.5, beta=2.),
  ], [('x', [None, 20, 1])], [('y', [None, 3])], dict(w1=w(6,1,1,5), b1=w(6), w2=w(6,3), b2=w(3)), 12,
      'in the manner of keras2onnx')

# A pipeline of scikit-learn: standardised, then a perceptron.
save('sklearn-mlp-opset21', [
    n('Sub', ['x','mean'], ['s'], name='Su_Sub'), n('Div', ['s','std'], ['n'], name='Di_Div'),
    n('Cast', ['n'], ['k'], to=T.FLOAT, name='Ca_Cast'),
    n('MatMul', ['k','c1'], ['m1'], name='MatMul'), n('Add', ['m1','i1'], ['a1'], name='Add'),
    n('Relu', ['a1'], ['r1'], name='Relu'),
    n('MatMul', ['r1','c2'], ['m2'], name='MatMul1'), n('Add', ['m2','i2'], ['a2'], name='Add1'),
    n('Softmax', ['a2'], ['p'], name='Softmax', axis=1), n('Reshape', ['p','all'], ['y'], name='Reshape'),
  ], [('x', [None, 6])], [('y', [None, 4])], dict(mean=w(6), std=np.float32([.5,1,2,3,1,.7]), c1=w(6,10), i1=w(1,10),
      c2=w(10,4), i2=w(1,4), all=np.int64([-1,4])), 21, 'in the manner of skl2onnx')

# CNTK, of the first ONNX files there were: weights in their own shape, reshaped by a node.
save('cntk-opset8', [
    n('Div', ['x','max'], ['d'], name='Div'),
    n('Conv', ['d','w1'], ['c'], name='Convolution28', kernel_shape=[5,5], auto_pad='SAME_UPPER', strides=[1,1],
        dilations=[1,1], group=1),
    n('Add', ['c','b1'], ['a'], name='Plus30'), n('Relu', ['a'], ['r'], name='ReLU32'),
    n('MaxPool', ['r'], ['p'], name='Pooling66', kernel_shape=[3,3], strides=[3,3], auto_pad='NOTSET', pads=[0,0,0,0]),
    n('Reshape', ['p','ps'], ['pr'], name='Times212_reshape0'),
    n('Reshape', ['w2','ws'], ['wr'], name='Times212_reshape1'),
    n('MatMul', ['pr','wr'], ['m'], name='Times212'), n('Add', ['m','b2'], ['y'], name='Plus214'),
  ], [('x', [1,1,9,9])], [('y', [1,4])], dict(max=np.float32(8), w1=w(3,1,5,5), b1=w(3,1,1), ps=np.int64([1,27]),
      w2=w(3,3,3,4), ws=np.int64([27,4]), b2=w(1,4)), 8, 'in the manner of CNTK')

# Static quantisation: rectifiers left out where the format has their effect, int32 biases, per-channel weights.
q = lambda *s: rng.integers(-127, 128, s).astype(np.int8)
c = dict(sx=np.float32(1/127), zx=np.int8(0), s1=np.float32([.004,.005,.003,.006]), z1=np.zeros(4, np.int8),
    w1=q(4,1,3,3), sb=np.float32([.004,.005,.003,.006])/127, zb=np.zeros(4,np.int32),
    b1=rng.integers(-9000,9000,4).astype(np.int32),
         sa=np.float32(.002), za=np.uint8(0), s2=np.float32(.003), z2=np.int8(0), w2=q(3,36))
save('qdq-static-opset21', [
    n('QuantizeLinear', ['x','sx','zx'], ['xq']), n('DequantizeLinear', ['xq','sx','zx'], ['xd']),
    n('DequantizeLinear', ['w1','s1','z1'], ['w1d'], axis=0), n('DequantizeLinear', ['b1','sb','zb'], ['b1d'], axis=0),
    n('Conv', ['xd','w1d','b1d'], ['c'], kernel_shape=[3,3], name='conv'),
    n('QuantizeLinear', ['c','sa','za'], ['cq']), n('DequantizeLinear', ['cq','sa','za'], ['cd']),
    n('MaxPool', ['cd'], ['p'], kernel_shape=[2,2], strides=[2,2]), n('Flatten', ['p'], ['f']),
    n('DequantizeLinear', ['w2','s2','z2'], ['w2d']), n('Gemm', ['f','w2d'], ['y'], transB=1, name='gemm'),
  ], [('x', ['batch',1,8,8])], [('y', ['batch',3])], c, 21, 'in the manner of ONNX Runtime quantization')

# The same, its activations in their ranges and not rounded.
f = lambda weights, scale: weights.astype(np.float32) * scale
save('qdq-static-opset21.float', [
    n('Conv', ['x','w1','b1'], ['c'], kernel_shape=[3,3]), n('Clip', ['c','zero','top'], ['r']),
    n('MaxPool', ['r'], ['p'], kernel_shape=[2,2], strides=[2,2]), n('Flatten', ['p'], ['f']),
    n('Gemm', ['f','w2'], ['y'], transB=1),
  ], [('x', ['batch',1,8,8])], [('y', ['batch',3])], dict(w1=f(c['w1'], c['s1'].reshape(4,1,1,1)),
      b1=f(c['b1'], c['sb']), zero=np.float32(0), top=np.float32(255*.002),
      w2=f(c['w2'], .003).astype(np.float32)), 21, 'spikewire')
