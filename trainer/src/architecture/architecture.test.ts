import { type Graph, readParameters, resolveGraph, type Tensor } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { named } from '../kinds/kind.ts';
import type { TrainingNode } from '../lowering/training-node.ts';
import { type ArchitectureNet, netOf } from './architecture.ts';
import { neuronChoices } from './neurons.ts';
import { netParameters } from './parameters.ts';

const semantics = { dt: 0.001, integrate: 'euler', threshold: 'gt', reset: 'subtract', spikesPerStep: 'one' } as const;

function net(
  text: string,
  neuron = 'lif',
  answer: 'spikes' | 'state' = 'spikes',
  threshold = 1,
  inputShape: readonly number[] = [1, 28, 28],
): ArchitectureNet {
  return netOf(text, {
    ...{ inputShape, classes: 10, semantics, answer, seed: 1, biases: true },
    numbers: { tau: 0.004, threshold },
    neuron: named('neuron', neuronChoices, neuron),
    channelsOf: (elements) => elements,
  });
}

function graph(text: string, neuron = 'lif', answer: 'spikes' | 'state' = 'spikes'): Graph {
  return net(text, neuron, answer).graph;
}

/** Every node as `name:type[shape]`, in the order of a step. */
function nodesOf(written: Graph): string[] {
  return resolveGraph(written, semantics).nodes.map(({ name, kind, shape }) => `${name}:${kind.type}[${shape}]`);
}

describe('architectures', () => {
  it('of dense layers name their inputs first', () => {
    const written = graph('784-256-10');
    expect(nodesOf(written)).toEqual([
      'in:Input[784]',
      'layer1:Affine[256]',
      'layer1.neurons:LIF[256]',
      'layer2:Affine[10]',
      'layer2.neurons:LIF[10]',
      'out:Output[10]',
    ]);
    const { weight, bias } = written.nodes.get('layer2')!.parameters;
    expect([weight, bias]).toMatchObject([{ shape: [10, 256] }, { shape: [10] }]);
  });

  it('of convolutions take images, and follow their size through windows and pooling', () => {
    expect(nodesOf(graph('12C5-P2-32C5-P2-10')).filter((node) => !node.includes('neurons'))).toEqual([
      'in:Input[1,28,28]',
      'layer1:Conv2d[12,24,24]',
      'layer2:AvgPool2d[12,12,12]',
      'layer3:Conv2d[32,8,8]',
      'layer4:AvgPool2d[32,4,4]',
      'layer5.flat:Flatten[512]',
      'layer5:Affine[10]',
      'out:Output[10]',
    ]);
  });

  it('of convolutions take signals, of several channels or of one', () => {
    const over = (shape: readonly number[], text: string) =>
      nodesOf(net(text, 'lif', 'spikes', 1, shape).graph).filter((node) => !node.includes('neurons'));
    expect(over([3, 40], '8C5-P2-16C3-M4-10')).toEqual([
      'in:Input[3,40]',
      'layer1:Conv1d[8,36]',
      'layer2:AvgPool1d[8,18]',
      'layer3:Conv1d[16,16]',
      'layer4:MaxPool1d[16,4]',
      'layer5.flat:Flatten[64]',
      'layer5:Affine[10]',
      'out:Output[10]',
    ]);
    expect(over([40], 'P4-10').slice(0, 2)).toEqual(['in:Input[1,40]', 'layer1:AvgPool1d[1,10]']);
    expect(over([40], 'R10')[0]).toBe('in:Input[40]');
    expect(() => over([3, 40], '8C41-10')).toThrow(
      'expected images [channels, height, width] of at least 41×41, or si',
    );
    expect(() => over([3, 40], 'P7-10')).toThrow('or signals whose length is one');
  });

  it('with layers that are no chain', () => {
    const { edges } = graph('784-R20-+20-10');
    const leaving = (source: string) =>
      edges.filter((edge) => edge.source === source).map(({ target, delay }) => [target, delay]);
    expect(leaving('layer1.neurons')).toEqual([
      ['layer1.recurrent', 1],
      ['layer2', 0],
      ['layer2.neurons', 0],
    ]);
    expect(leaving('layer1.recurrent')).toEqual([['layer1.neurons', 0]]);
  });

  it('that go down and up again, joined to what was before', () => {
    const written = graph('8C3=-P2-16C3=-U2-J1-4C3=-G-10');
    expect(
      nodesOf(written)
        .filter((node) => !node.includes('neurons'))
        .sort(),
    ).toEqual([
      'in:Input[1,28,28]',
      'layer1:Conv2d[8,28,28]',
      'layer2:AvgPool2d[8,14,14]',
      'layer3:Conv2d[16,14,14]',
      'layer4:Upsample2d[16,28,28]',
      'layer5.before:Concat[24,28,28]',
      'layer5.earlier:Concat[24,28,28]',
      'layer5:Flatten[24,28,28]',
      'layer6:Conv2d[4,28,28]',
      'layer7:GlobalAvgPool2d[4,1,1]',
      'layer8.flat:Flatten[4]',
      'layer8:Affine[10]',
      'out:Output[10]',
    ]);
    const into = (name: string) => written.edges.filter(({ target }) => target === name).map(({ source }) => source);
    expect(into('layer5.earlier')).toEqual(['layer1.neurons']);
    expect(into('layer5')).toEqual(['layer5.before', 'layer5.earlier']);
  });

  it('that go up by weights', () => {
    const written = graph('8C3=-P4-6T4-J1-G-10');
    expect(nodesOf(written)).toContain('layer3:ConvTranspose2d[6,28,28]');
    expect(nodesOf(written)).toContain('layer3.neurons:LIF[6,28,28]');
    const { weight, stride } = written.nodes.get('layer3')!.parameters as Record<string, Tensor>;
    expect(weight!.shape).toEqual([6, 8, 4, 4]);
    expect([...stride!.data]).toEqual([4]);
  });

  it('with delays of each element, drawn by the seed from 0 to the most, evenly', () => {
    const written = graph('784-D3-20-D1-10');
    const stepsOf = (name: string) => {
      const { data, shape } = written.nodes.get(name)!.parameters.delay as { data: Float64Array; shape: number[] };
      return { shape, counts: [0, 1, 2, 3].map((steps) => data.filter((each) => each === steps * 0.001).length) };
    };
    expect(stepsOf('layer1').shape).toEqual([784]);
    for (const count of stepsOf('layer1').counts) expect(Math.abs(count / 784 - 0.25)).toBeLessThan(0.06);
    expect(stepsOf('layer3').counts.reduce((sum, count) => sum + count)).toBe(20);
    expect(stepsOf('layer3').counts.slice(2)).toEqual([0, 0]);
    // Images keep their shape behind it, and in each step comes what came so many steps before.
    expect(nodesOf(graph('D2-12C5-P2-10')).slice(-1)).toEqual(['out:Output[10]']);
    expect(graph('784-D3-20-D1-10')).toEqual(written);
  });

  it('write the same graph with nodes of training, and these beside it', () => {
    const { graph: written, trainingNodes } = net('12C5-drop0.5-P2-bn-R64-drop.25-tdbn0.7-10', 'lif', 'spikes', 2);
    expect(written).toEqual(net('12C5-P2-R64-10', 'lif', 'spikes', 2).graph);
    const fold = (node: TrainingNode) => node.fold?.((key) => Float32Array.of(key === 'variance' ? 1 : 3)).factors[0];
    expect(trainingNodes.map(({ behind, node }) => [behind, node.type, fold(node)])).toEqual([
      ['layer1.neurons', 'dropout', undefined],
      ['layer3', 'batch-norm', expect.closeTo(3, 4)],
      ['layer3.neurons', 'dropout', undefined],
      ['layer4', 'batch-norm', expect.closeTo(3 * 0.7 * 2, 4)],
    ]);
  });

  it.each(neuronChoices.map(({ name }) => name))('of %s end with spikes or with a read-out', (neuron) => {
    const kinds = (answer: 'spikes' | 'state') =>
      resolveGraph(graph('784-20-10', neuron, answer), semantics).nodes.flatMap(({ kind }) =>
        kind.role === 'neuron' ? [kind.emits] : [],
      );
    if (neuron === 'relu') expect(kinds('state')).toEqual(['state']);
    else
      expect([kinds('spikes'), kinds('state')]).toEqual([
        ['spikes', 'spikes'],
        ['spikes', 'state'],
      ]);
  });

  it('draw weights by the seed, of the variance 1/fan-in', () => {
    const numbers = Array.from(
      (graph('784-256-10').nodes.get('layer1')!.parameters.weight as { data: Float32Array }).data,
    );
    const variance = numbers.reduce((sum, weight) => sum + weight ** 2, 0) / numbers.length;
    expect(variance * 784).toBeCloseTo(1, 1);
    expect(numbers.slice(0, 5)).not.toEqual(numbers.slice(5, 10));
  });

  it.each([
    ['100-10', /architecture 100-10: does not begin with the inputs of the data; expected 784-…/],
    ['784-256-9', /does not end with the classes of the data; expected …-10/],
    ['784', /does not end with the classes/],
    ['12C5', /does not end with the classes/],
    [
      '784-0-10',
      /has the unknown layer "0"; expected 256, 12C5, 12C5=, P2, P2S, M2, G, U2, 12T2, J1, R64, \+256, D4, bn, drop0.2/,
    ],
    ['784-drop0-10', /has the unknown layer "drop0"/],
    ['784-D0-10', /has the unknown layer "D0"/],
    ['784-D10000-10', /has the unknown layer "D10000"/],
    ['784-tdbn0-10', /has the unknown layer "tdbn0"/],
    ['784-10-drop0.5', /does not end with the classes/],
    ['784-10-bn', /does not end with the classes/],
    ['784-big-10', /has the unknown layer "big"/],
    ['', /has the unknown layer ""/],
    ['784-12C5-10', /layer 12C5: gets shape \[784\]; expected images/],
    ['12C5-P5-10', /layer P5: gets shape \[12, 24, 24\]; expected images whose height and width are multiples of 5/],
    ['784-8T2-10', /layer 8T2: gets shape \[784\]; expected images/],
    ['784-U2-10', /layer U2: gets shape \[784\]; expected images/],
    ['P2-8C3=-J3-10', /layer J3: joins shape \[8, 14, 14\] to no such layer before it; expected an earlier layer/],
    ['8C3=-P2-8C3=-J1-10', /layer J1: joins shape \[8, 14, 14\] to \[8, 28, 28\]; expected an earlier layer of/],
    ['784-20-+30-10', /layer \+30: gets shape \[20\]; expected \[30\]/],
    ['784-85599-10', /layer1: has 67109616 weights; expected at most 67108864 in a connection/],
    ['12C29-10', /layer 12C29: gets shape \[1, 28, 28\]; expected images .* of at least 29×29/],
  ])('%s is refused in one line', (text, line) => {
    expect(() => graph(text)).toThrow(line);
  });
});

it('refuses more steps than a program can hold', () => {
  expect(() => readParameters('net', { steps: 1e9 }, netParameters)).toThrow(
    /net.steps: is 1000000000; expected .*10000/,
  );
});
