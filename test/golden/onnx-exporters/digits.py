"""A small net with a way around its middle, trained by PyTorch on the digits of this repository, as its exporter writes
it: digits.py FOLDER [--no-onnx]. Its inputs are (x/16 - 0.3)/0.4 of pixels x of 0 to 16, which the file does not
say."""
import gzip, os, sys, warnings
import torch
import torch.nn as nn
from torch.onnx._internal import onnx_proto_utils
warnings.filterwarnings('ignore')
torch.manual_seed(7)
torch.set_num_threads(1)

table = gzip.open(os.path.join(os.path.dirname(__file__), '../../../trainer/data/digits/digits.csv.gz'),
    'rt').read().split()
rows = torch.tensor([[float(cell) for cell in row.split(',')] for row in table])
labels = rows[:, -1].long()
samples = ((rows[:, :-1] / 16 - 0.3) / 0.4).reshape(-1, 1, 8, 8)
# Every fifth sample of a class is for tests, as spikewire takes them.
nth = [sum(1 for other in labels[:k] if other == label) for k, label in enumerate(labels)]
is_test = torch.tensor([n % 5 == 4 for n in nth])

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU())
        self.middle = nn.Sequential(nn.MaxPool2d(2), nn.ZeroPad2d(1), nn.Conv2d(6, 8, 3), nn.ReLU(),
            nn.Upsample(scale_factor=2))
        self.last = nn.Sequential(nn.Conv2d(14, 6, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(),
            nn.Dropout(0.2), nn.Linear(96, 10))
    def forward(self, x):
        x = self.first(x)
        return self.last(torch.cat([x, self.middle(x)], 1))

net = Net()
optimiser = torch.optim.Adam(net.parameters(), 4e-3)
x, y = samples[~is_test], labels[~is_test]
for epoch in range(40):
    for batch in torch.randperm(len(x)).split(32):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
        optimiser.step()
    for group in optimiser.param_groups: group['lr'] *= 0.94
net.eval()
print('accuracy', (net(samples[is_test]).argmax(1) == labels[is_test]).float().mean().item())
if '--no-onnx' in sys.argv: onnx_proto_utils._add_onnxscript_fn = lambda b, _: b
torch.onnx.export(net, samples[:1], f'{sys.argv[1]}/digits-opset17.onnx', opset_version=17, dynamo=False,
    input_names=['image'], output_names=['logits'])
