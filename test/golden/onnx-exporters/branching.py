"""Nets that join, enlarge and pad, as PyTorch exports them: branching.py FOLDER [--no-onnx]."""
import sys, torch, warnings
import torch.nn as nn
warnings.filterwarnings('ignore')
from torch.onnx._internal import onnx_proto_utils
if '--no-onnx' in sys.argv: onnx_proto_utils._add_onnxscript_fn = lambda b, _: b
out = sys.argv[1]
torch.manual_seed(4)
def save(name, net, shape, opset, **more):
    torch.onnx.export(net.eval(), torch.randn(1,*shape), f'{out}/{name}.onnx', opset_version=opset, dynamo=False,
        **more)
class Unet(nn.Module):
    def __init__(s):
        super().__init__()
        s.a = nn.Sequential(nn.Conv2d(1,4,3,padding=1), nn.ReLU())
        s.b = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(4,6,3,padding=1), nn.BatchNorm2d(6), nn.ReLU())
        s.c = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(6,6,3,padding=1), nn.ReLU())
        s.d = nn.Sequential(nn.Conv2d(12,4,3,padding=1), nn.ReLU())
        s.e = nn.Conv2d(8,1,1)
        s.up = nn.Upsample(scale_factor=2)
    def forward(s, x):
        a = s.a(x); b = s.b(a); c = s.c(b)
        y = nn.functional.interpolate(c, size=b.shape[2:])
        # What is larger by an odd size is padded, as U-Nets do.
        y = nn.functional.pad(y, [0, b.shape[3] - y.shape[3], 0, b.shape[2] - y.shape[2]])
        d = s.d(torch.cat([b, y], 1))
        return torch.sigmoid(s.e(torch.cat([a, s.up(d)], 1)))
save('unet-opset11', Unet(), (1,8,8), 11)
save('unet-dynamic-opset16', Unet(), (1,8,8), 16, do_constant_folding=False, dynamic_axes={'x':{0:'n'}},
    input_names=['x'])
class Mobile(nn.Module):
    def __init__(s):
        super().__init__()
        s.f = nn.Sequential(nn.ZeroPad2d((0,1,0,1)), nn.Conv2d(3,4,3,stride=2), nn.ReLU6(),
            nn.Conv2d(4,4,3,padding=1,groups=4), nn.ReLU6(), nn.Conv2d(4,8,1), nn.ReLU6())
        s.h = nn.Linear(8,1)
    def forward(s, x): return torch.sigmoid(s.h(s.f(x).mean([2,3])))
save('mobile-opset13', Mobile(), (3,8,8), 13)
