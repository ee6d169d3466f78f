import { SpikewireError } from 'spikewire';
import type { FieldTable } from '../field.ts';
import { DeviceTest } from '../nets/device-test.ts';
import type { NodeRed, RuntimeNode } from '../node-red.ts';
import { answerEditor } from './answer-editor.ts';
import { paletteNode } from './node.ts';

/** A `spikewire-device` node once it runs. */
interface DeviceNode extends RuntimeNode {
  readonly address?: string;
  readonly split?: boolean;
  readonly problem?: Error;
}

const fields = {
  address: { form: 'text', icon: 'server', default: 'clocked+worker', hint: 'address' },
  split: { form: 'flag', icon: 'random', default: false, hint: 'split' },
} as const satisfies FieldTable;

/** Where nets run. */
export const deviceNode = paletteNode({
  type: 'spikewire-device',
  category: 'config',
  label: 'spikewire-device',
  labelField: 'address',
  fields,
  tip: 'addresses',
  editor: 'device.editor.js',
  open(_RED, node, { address, split }) {
    if (address === '') throw new SpikewireError('usage', 'address', 'is empty', 'such as clocked+worker');
    Object.assign(node, { address, split });
  },
  serve: serveDevices,
});

/**
 * The fields of a node with the address of the device that it has chosen, if any, and whether nets are split there.
 * Throws `usage` where it is not there.
 */
export function withAddress<Fields extends { readonly place: string }>(
  RED: NodeRed,
  fields: Fields,
): Fields & { readonly split?: boolean | undefined } {
  if (fields.place === '') return fields;
  const { address, split, problem } = (RED.nodes.getNode(fields.place) ?? {}) as Partial<DeviceNode>;
  if (address !== undefined) return { ...fields, place: address, split };
  throw problem ?? new SpikewireError('usage', 'place', 'is not there or disabled', 'a spikewire-device node');
}

/** Tries an address before it is deployed, for those who may change flows. */
function serveDevices(RED: NodeRed): void {
  const test = new DeviceTest();
  const mayWrite = RED.auth.needsPermission('spikewire-device.write');
  RED.httpAdmin.post('/spikewire/device-test', mayWrite, ({ body }, response) => {
    const { address } = (body ?? {}) as { readonly address?: unknown };
    answerEditor(response, test.run(address));
  });
}
