import type { CalibrationWindow } from '@spikewire/engine';
import { windowsOf } from '@spikewire/engine/data';
import { type GraphNode, type PlainParameters, readParameters } from '@spikewire/models';
import { expect, it } from 'vitest';
import { newModel } from './model.ts';
import { netParameters } from './parameters.ts';

type Nodes = (readonly [string, GraphNode])[];

/** A net for two samples of four channels, each with a range of its own, and of frames where they are asked for. */
function modelFor(arch: string, choices: Readonly<Record<string, string | number>> = {}, frames?: number) {
  const samples = [Float64Array.of(0, 1, 2, 3), Float64Array.of(1, 3, 5, 9)];
  const data = { name: 'rows', classes: ['a', 'b'], samples, labels: Int32Array.of(0, 1) };
  const net = readParameters('net', { arch, ...choices }, netParameters) as PlainParameters<typeof netParameters>;
  const framed = frames === undefined ? data : { ...data, shape: [4 / frames], frames };
  return newModel({ data: framed, seed: 1, answer: 'spikes', net }).model;
}

it('has the ranges of the samples', () => {
  const ranges = [0, 1, 2, 3].map((low, k) => [low, [1, 3, 5, 9][k]]);
  expect(modelFor('4-8-2').encoder.get('in')).toEqual({ type: 'direct', parameters: { span: 'unit', range: ranges } });
  const sequence = { type: 'sequence', parameters: { frames: 2, range: [0, 9] } };
  expect(modelFor('2-8-2', { encoder: 'sequence' }, 2).encoder.get('in')).toEqual(sequence);
});

it('lets signals enter as they are, in both directions', () => {
  const samples = [Float64Array.of(-3, 0, 1, 2), Float64Array.of(0, 1, 1, 2.5)];
  const data = { name: 'waves', classes: ['a', 'b'], shape: [2, 2], samples, labels: Int32Array.of(0, 1) };
  const net = readParameters('net', { arch: '3C2-2', steps: 2 }, netParameters) as PlainParameters<
    typeof netParameters
  >;
  const { model } = newModel({ data, seed: 1, answer: 'spikes', net });
  const [{ input }] = [...windowsOf(model, data)] as [CalibrationWindow];
  expect([...input.value.slice(0, input.length)]).toEqual([-3, 1, 2, -3, 1, 2]);
});

it.each(['4-8-R8-+8-2', '2C2-G-2', '2T2-G-2'])('%s without biases has the same weights, and no others', (arch) => {
  const nodesWith = (bias: string): Nodes => [...modelFor(arch, { bias }).graph.nodes];
  const [whole, plain] = [nodesWith('yes'), nodesWith('no')];
  const withoutBias = whole.map(
    ([
      name,
      {
        type,
        parameters: { bias, ...parameters },
      },
    ]) => [name, { type: type === 'Affine' ? 'Linear' : type, parameters }],
  );
  expect(plain).toEqual(withoutBias);
  expect(whole).not.toEqual(plain);
});

it.each([
  ['5-8-2', {}, undefined, 'architecture 5-8-2: does not begin with the inputs of the data; expected 4-…'],
  ['4-8-2', { encoder: 'sequence' }, 2, 'architecture 4-8-2: does not begin with the inputs of the data; expected 2-…'],
  ['2-8-2', {}, 2, 'spikewire train --encoder direct: takes samples at once, and rows has 2 frames; expected sequence'],
  ['2-8-2', { encoder: 'sequence', steps: 1 }, 2, /a sample has 1 steps; expected one at least for each of 2 frames/],
])('refuses %s with %j for %s frames in one line', (arch, choices, frames, line) => {
  expect(() => modelFor(arch, choices, frames)).toThrow(line);
});
