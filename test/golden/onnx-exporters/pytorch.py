"""Small nets as the TorchScript exporter of PyTorch writes them: pytorch.py FOLDER [--no-onnx]."""
import sys, torch, warnings
import torch.nn as nn
warnings.filterwarnings('ignore')
from torch.onnx._internal import onnx_proto_utils
out = sys.argv[1]
torch.manual_seed(3)

def randomise(net):
    for m in net.modules():
        if isinstance(m, (nn.BatchNorm2d, nn.BatchNorm1d)):
            m.running_mean.uniform_(-.5,.5); m.running_var.uniform_(.5,2)
            nn.init.uniform_(m.weight,.5,1.5); nn.init.uniform_(m.bias,-.5,.5)
    return net.eval()

def save(name, net, shape, opset, **more):
    torch.onnx.export(randomise(net), torch.randn(1,*shape), f'{out}/{name}.onnx', opset_version=opset, dynamo=False,
        **more)

class Residual(nn.Module):
    def __init__(s):
        super().__init__()
        s.stem = nn.Sequential(nn.Conv2d(3,6,3,padding=1,bias=False), nn.BatchNorm2d(6), nn.ReLU6(), nn.MaxPool2d(2))
        s.a = nn.Sequential(nn.Conv2d(6,8,3,stride=2,padding=1,bias=False), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8,8,3,padding=1,groups=4,bias=False), nn.BatchNorm2d(8))
        s.b = nn.Sequential(nn.Conv2d(6,8,1,stride=2,bias=False), nn.BatchNorm2d(8))
        s.head = nn.Linear(8,5)
    def forward(s,x):
        x = s.stem(x); x = torch.relu(s.a(x)+s.b(x))
        return torch.softmax(s.head(torch.flatten(nn.functional.adaptive_avg_pool2d(x,1),1)),1)

class View(nn.Module):
    def __init__(s):
        super().__init__(); s.c=nn.Conv2d(1,4,3,padding=1); s.d=nn.Linear(4*4*4,12,bias=False); s.e=nn.Linear(12,3)
    def forward(s,x):
        x = nn.functional.avg_pool2d(torch.relu(s.c(x)),2)
        return s.e(torch.relu(s.d(x.view(x.size(0),-1))))

class Signal(nn.Module):
    def __init__(s):
        super().__init__()
        s.f = nn.Sequential(nn.Conv1d(2,6,5,stride=2,padding=2), nn.BatchNorm1d(6), nn.ReLU(),
            nn.AvgPool1d(3,stride=2,padding=1,count_include_pad=False), nn.Conv1d(6,8,3,dilation=2,padding=2),
            nn.ReLU(), nn.Dropout(.3), nn.Flatten(), nn.Linear(8*8,4))
    def forward(s,x): return s.f(x)

class Nhwc(nn.Module):
    def __init__(s):
        super().__init__(); s.c=nn.Conv2d(3,4,3); s.d=nn.Linear(4*6*6,4)
    def forward(s,x):
        y = torch.relu(s.c((x-0.25).permute(0,3,1,2)))
        return s.d(y.permute(0,2,3,1).reshape(x.shape[0],-1))

# onnx is only asked about functions of its own, which these nets have none of.
if '--no-onnx' in sys.argv: onnx_proto_utils._add_onnxscript_fn = lambda b, _: b
save('residual-opset11', Residual(), (3,8,8), 11)
save('view-dynamic-opset13', View(), (1,8,8), 13, input_names=['x'], output_names=['y'],
    dynamic_axes={'x':{0:'n'},'y':{0:'n'}})
save('signal-opset17', Signal(), (2,32), 17)
save('signal-training-nodes-opset20', Signal(), (2,32), 20, do_constant_folding=False, keep_initializers_as_inputs=True)
save('nhwc-opset18', Nhwc(), (8,8,3), 18)

# Quantisation aware: QuantizeLinear and DequantizeLinear around weights and activations.
import torch.ao.quantization as q
class Fake(nn.Module):
    def __init__(s, rounds=True):
        super().__init__(); s.rounds = rounds; s.c=nn.Conv2d(1,4,3,stride=2,bias=True); s.d=nn.Linear(4*3*3,6)
        s.e=nn.Linear(6,3)
    def forward(s,x):
        f = torch.fake_quantize_per_tensor_affine
        a = f if s.rounds else lambda x, scale, zero, low, high: torch.clamp(x, (low - zero) * scale,
            (high - zero) * scale) if zero == 0 else x
        x = a(x, 1/64., 128, 0, 255)
        w = torch.fake_quantize_per_channel_affine(s.c.weight, torch.tensor([.004,.005,.006,.007]),
            torch.zeros(4,dtype=torch.int32), 0, -128, 127)
        y = a(torch.relu(nn.functional.conv2d(x,w,s.c.bias,stride=2)), .002, 0, 0, 255)
        y = torch.flatten(y,1)
        y = a(torch.relu(nn.functional.linear(y, f(s.d.weight,.003,0,-128,127), s.d.bias)), .001, 0, 0, 255)
        return nn.functional.linear(y, f(s.e.weight,.004,0,-128,127), s.e.bias)
net = Fake()
save('qdq-opset13', net, (1,8,8), 13)
# The same, its activations in their ranges and not rounded.
twin = Fake(False); twin.load_state_dict(net.state_dict())
save('qdq-opset13.float', twin, (1,8,8), 13)
