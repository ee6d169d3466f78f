import { among, atMost, type BoardLimit, type PublishedBoard } from '@spikewire/engine/executor';
import { elementCount, type ResolvedNode } from '@spikewire/models';
import { type Net, netOf } from '../net/net.ts';
import { abstract } from './publications.ts';
import { weightBits } from './synapses.ts';

const ONE = abstract('BrainChip, Akida 1.0 hardware constraints, 2.4.0');
const TWO = abstract('BrainChip, Akida 2.0 capabilities');

/**
 * Convolutions and dense layers; what their neurons do between inputs is not published as a limit. Not checked:
 * strides, numbers of filters, and the least height and width.
 */
export const akida: readonly PublishedBoard[] = [
  {
    address: 'akida:1',
    name: 'BrainChip AKD1000',
    async limits(model) {
      const net = netOf(model);
      const kernels = (node: ResolvedNode) =>
        kernelLimits(net, node, isFirst(net, node) ? ['3', '5', '7'] : ['1', '3', '5', '7']);
      return [
        ...layers(net, 'Conv2d', (node) => [...kernels(node), ...(isFirst(net, node) ? firstLayer(node) : [])]),
        ...denseInputs(net, 57_334),
        ...weightBits(net, [4], ONE),
      ];
    },
  },
  {
    address: 'akida:2',
    name: 'BrainChip Akida 2',
    async limits(model) {
      const net = netOf(model);
      return [
        ...layers(net, 'Conv2d', (node) => [
          atMost('height and width', Math.max(...node.inputShape.slice(1)), 4096, TWO, node.name),
          atMost('channels', Math.max(node.inputShape[0]!, node.shape[0]!), 2048, TWO, node.name),
          ...(isFirst(net, node) ? [atMost('height of images', node.inputShape[1]!, 384, TWO, node.name)] : []),
        ]),
        ...denseInputs(net, 2048),
        ...weightBits(net, [8], TWO),
      ];
    },
  },
];

function layers(net: Net, type: string, limits: (node: ResolvedNode) => readonly BoardLimit[]): BoardLimit[] {
  return net.nodes.filter(({ node }) => node.type === type).flatMap((node) => limits(node));
}

function isFirst({ nodes, wiring }: Net, node: ResolvedNode): boolean {
  return wiring.incoming[nodes.indexOf(node)]!.some(({ source }) => nodes[source]!.kind.role === 'input');
}

function kernelLimits({ nodes, wiring }: Net, node: ResolvedNode, sides: readonly string[]): BoardLimit[] {
  const connectivity = wiring.connectivity[nodes.indexOf(node)]!;
  if (connectivity.structure !== 'convolution') return [];
  const [height, width] = connectivity.geometry.kernel;
  return [among('side of a kernel', String(Math.max(height, width)), sides, ONE, node.name, 'its channels')];
}

/** What images from outside may be. */
function firstLayer({ name, inputShape }: ResolvedNode): BoardLimit[] {
  return [
    among('channels of images', String(inputShape[0]), ['1', '3'], ONE, name, 'its images'),
    atMost('width of images', inputShape[2]!, 256, ONE, name),
  ];
}

function denseInputs(net: Net, most: number): BoardLimit[] {
  const source = most > 2048 ? ONE : TWO;
  const limits = ({ name, inputShape }: ResolvedNode) => [
    atMost('inputs of a dense layer', elementCount(inputShape), most, source, name),
  ];
  return [...layers(net, 'Linear', limits), ...layers(net, 'Affine', limits)];
}
