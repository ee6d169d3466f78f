import type { FieldTable, FieldValues } from '../field.ts';
import { NodeMessages } from '../messages/node-messages.ts';
import { typedValue } from '../messages/typed-value.ts';
import { Nets } from '../nets/nets.ts';
import { takeModel } from '../nets/new-model.ts';
import { isFree, updateLine } from '../nets/update-orders.ts';
import { type NodeRed, type RuntimeNode, userDirOf } from '../node-red.ts';
import { NETS, netsOf } from './net.ts';
import { paletteNode } from './node.ts';
import { partOf } from './node-part.ts';

const fields = {
  net: { form: 'node', type: 'spikewire-net', icon: 'sitemap' },
  teach: {
    form: 'typed',
    icon: 'graduation-cap',
    types: ['msg', 'flow', 'global', 'jsonata', 'env'],
    default: 'label',
  },
} as const satisfies FieldTable;

type Fields = FieldValues<typeof fields>;

/** Puts messages through the nets of a `spikewire-net` node. */
export const inferNode = paletteNode({
  type: 'spikewire-infer',
  category: 'spikewire',
  label: 'infer',
  color: '#a6bbcf',
  icon: 'spikewire.svg',
  inputs: ['input'],
  outputs: ['result', 'answer'],
  fields,
  tip: 'commands',
  open: openInfer,
});

function openInfer(RED: NodeRed, node: RuntimeNode, { net, teach }: Fields): void {
  const messages = new NodeMessages(RED, node, {
    netsFor: () => netsOf(RED, net),
    own: (nets, message) => takeModel(nets, message, userDirOf(RED)),
    taughtBy: (message) => typedValue(RED, node, teach, message),
    outputsOf: ({ message, output }) => (output === 'result' ? [message, null] : [null, message]),
    statusOf: (answered) => (isFree(answered) ? updateLine(RED, knownNets()?.updateStatus) : undefined),
  });
  messages.showStart(() => netsOf(RED, net));
  // The net may come to be, or have a problem, after this node: that is said where it starts.
  const nets = knownNets();
  if (nets === undefined) return;
  messages.sendAlarms(nets);
  messages.sendUpdates(nets);

  function knownNets(): Nets | undefined {
    const found = partOf(RED, net, NETS);
    return found instanceof Nets ? found : undefined;
  }
}
