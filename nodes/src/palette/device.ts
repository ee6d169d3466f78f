import { SpikewireError } from 'spikewire';
import type { FieldTable } from '../field.ts';
import { DeviceTest } from '../nets/device-test.ts';
import type { NodeRed, RuntimeNode } from '../node-red.ts';
import { answerEditor } from './answer-editor.ts';
import { paletteNode } from './node.ts';

/** A `spikewire-device` node once it runs. */
interface DeviceNode extends RuntimeNode {
  readonly address?: string;
  readonly worker?: boolean;
  readonly split?: boolean;
  readonly problem?: Error;
}

const fields = {
  address: { form: 'text', icon: 'server', default: 'clocked', hint: 'address' },
  worker: { form: 'flag', icon: 'microchip', default: true, hint: 'worker' },
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
  open(_RED, node, { address, worker, split }) {
    if (address === '') throw new SpikewireError('usage', 'address', 'is empty', 'such as clocked');
    Object.assign(node, { address, worker, split });
  },
  serve: serveDevices,
});

/**
 * The fields of a node with the address of the device that it has chosen, if any, and how nets run there.
 * Throws `usage` where it is not there.
 */
export function withAddress<Fields extends { readonly place: string; readonly worker: boolean }>(
  RED: NodeRed,
  fields: Fields,
): Fields & { readonly split?: boolean | undefined } {
  if (fields.place === '') return fields;
  const { address, worker = true, split, problem } = (RED.nodes.getNode(fields.place) ?? {}) as Partial<DeviceNode>;
  if (address !== undefined) return { ...fields, place: address, worker, split };
  throw problem ?? new SpikewireError('usage', 'place', 'does not exist or is disabled', 'a spikewire-device node');
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
