import { BLANK_DIGEST, readSafetensors, seal, tensor, writeSafetensors } from '@spikewire/models';
import { pick } from './mutations.mjs';

/** What no reader may take for granted of a number. */
const HOSTILE = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...[-1, 0, 0.5, 1, 2, 3, 7, 1e9, -1e9, 1e300, -1e300, Number.MAX_VALUE, 1e-320, 2 ** 31, 2 ** 32, 2 ** 53],
];
const TEXTS = [...HOSTILE.map(String), '', 'x', '1e999', '[]', 'null', '{}', 'learn', '{"spikes":1e300}'];

/** The net's own bytes within those of a session. */
const INNER = 'engine';

/**
 * The state of a session with one to three changes of its numbers, written anew with the digest that it then has: no
 * checksum stands between these numbers and what they reach.
 *
 * @param {Uint8Array} bytes
 * @param {import('@spikewire/models').RandomGenerator} random
 */
export function mutateState(bytes, random) {
  const outer = read(bytes);
  const inner = read(outer.tensors.get(INNER).data);
  for (let changes = pick(random, [1, 1, 2, 3]); changes > 0; changes--) {
    change(pick(random, [outer, inner]), random);
  }
  const net = writeSafetensors(inner.tensors, { ...inner.metadata, digest: BLANK_DIGEST });
  seal(net);
  return writeSafetensors(new Map(outer.tensors).set(INNER, tensor(net)), outer.metadata);
}

function read(bytes) {
  const { tensors, metadata } = readSafetensors(bytes, { allowNonFinite: true });
  const copies = [...tensors].map(([name, { data }]) => [name, tensor(data.slice())]);
  return { tensors: new Map(copies), metadata: { ...metadata } };
}

function change({ tensors, metadata }, random) {
  const names = [...tensors.keys()].filter((name) => name !== INNER);
  const choice = random.nextInteger(20);
  if (choice === 0 || names.length === 0) {
    const key = pick(
      random,
      Object.keys(metadata).filter((name) => name !== 'digest'),
    );
    metadata[key] = pick(random, TEXTS);
    return;
  }
  const name = pick(random, names);
  const { data } = tensors.get(name);
  if (choice === 1) tensors.delete(name);
  else if (choice === 2) tensors.set(name, tensor(data.slice(0, random.nextInteger(data.length + 1))));
  else if (choice === 3) tensors.set(pick(random, names), tensor(data));
  else if (choice < 8) data.fill(pick(random, HOSTILE));
  else if (data.length > 0) data[random.nextInteger(data.length)] = pick(random, HOSTILE);
}
