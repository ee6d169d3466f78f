import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { needsNumpy } from '../../../../test/services.ts';
import { parameterFile } from './parameter-file.ts';

const READ = `
import io, json, sys
import numpy as np
with np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=True) as file:
    dicts = {name: file[name].item() for name in file.files}
def plain(value):
    if isinstance(value, np.ndarray):
        return [str(value.dtype), list(value.shape), value.tolist()]
    return [type(value).__name__, value]
print(json.dumps({name: {key: plain(value) for key, value in each.items()} for name, each in dicts.items()}))
`;

it('is what NumPy reads, with the same shapes, types and values', (context) => {
  const python = needsNumpy(context);
  const numbers = [-0, 1 / 3, -1e300, Number.MIN_VALUE, 255, 0x80 + 1 / 7];
  const file = parameterFile({
    sim_args: { dt: 0.001 },
    ens_args: {
      n_neurons: { whole: 70_000 },
      neuron_type: 'RectifiedLinear',
      bias: { shape: [6], data: numbers },
      scaled_encoders: { shape: [3, 2], data: numbers },
    },
    conn_args: { weights: { shape: [1, 6], data: numbers }, learning_rate: 0 },
    recur_args: { weights: { whole: 0 } },
  });
  const { stdout, stderr } = spawnSync(python, ['-c', READ], { input: file, encoding: 'utf8' });
  expect(stderr).toBe('');
  const rows = (width: number) => {
    const starts = Array.from({ length: numbers.length / width }, (_, row) => row * width);
    return starts.map((start) => numbers.slice(start, start + width));
  };
  expect(JSON.parse(stdout)).toEqual({
    sim_args: { dt: ['float', 0.001] },
    ens_args: {
      n_neurons: ['int', 70_000],
      neuron_type: ['str', 'RectifiedLinear'],
      bias: ['float64', [6], numbers],
      scaled_encoders: ['float64', [3, 2], rows(2)],
    },
    conn_args: { weights: ['float64', [1, 6], rows(6)], learning_rate: ['float', 0] },
    recur_args: { weights: ['int', 0] },
  });
});
