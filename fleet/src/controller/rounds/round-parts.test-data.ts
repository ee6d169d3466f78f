import { createHash } from 'node:crypto';
import { engineNamed } from '@spikewire/engine';
import { inProcess } from '@spikewire/engine/executor';
import { tensor, writeSafetensors } from '@spikewire/models';
import { readoutOf } from 'spikewire/agent';
import { readNetModel, Session } from 'spikewire/session';
import {
  CLASSES,
  labelOf,
  readingOf,
  taughtBase,
} from '../../../../runtime/src/agent/sharing/taught-base.test-data.ts';
import { Offers } from '../offers/offers.ts';
import type { RoundRequest } from './beginning.ts';

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A base that knows three classes of readings around 0. */
export const BASE = await taughtBase();
export const BASE_SHA256 = sha256Of(BASE);

/** A repository that offers the base. */
export function offeringBase(file = BASE): Offers {
  const said = {
    ...{ model: 'pump', channel: 'stable', groups: [], engine: '0.2.0', form: 'float32', input: '1'.repeat(64) },
    ...{ memory: 1, selfTests: 0, carrying: ['carry'], bases: [] },
  };
  const custom = new Map([['spikewire', new Map(Object.entries(said))]]);
  const target = { name: 'stable/pump.spike', length: file.length, sha256: sha256Of(file), custom };
  return new Offers(
    { refresh: async () => ({ targets: new Map([[target.name, target]]) }) as never },
    { read: async () => file },
  );
}

export function roundRequest(change: Partial<RoundRequest> = {}): RoundRequest {
  return {
    ...{ model: 'pump', channel: 'stable', base: BASE_SHA256, labels: {}, method: 'checked-sum' },
    ...{ cohort: 3, most: 10, fewest: 8, days: 7, ...change },
  };
}

interface PartOptions {
  readonly lessons?: number;
  readonly shift?: number;
  readonly label?: (k: number) => string;
  readonly base?: Uint8Array;
}

/** What a device sends of readings that it was taught, written without the code of devices. */
export async function partOf(round: string, seed: string, options: PartOptions = {}): Promise<Uint8Array> {
  const { lessons = 30, shift = 0.5, label = labelOf, base = BASE } = options;
  const net = readNetModel(base);
  const { inputs } = readoutOf(net);
  const session = new Session(net.model, await inProcess(engineNamed('reference')).open(base), { graph: net.graph });
  const [a, b] = [Array.from({ length: inputs }, () => new Float64Array(inputs)), new Float32Array(3 * inputs)];
  for (let k = 0; k < lessons; k++) {
    const { window } = await session.feed(readingOf(k, seed, shift));
    const counts = new Float64Array(inputs - 1);
    for (const index of window!.output.index) counts[index]! += 1;
    const x = new Float64Array(inputs);
    readoutOf(net).scale(counts, x);
    for (let i = 0; i < inputs; i++) {
      for (let j = i; j < inputs; j++) a[i]![j]! += x[i]! * x[j]!;
      b[3 * i + CLASSES.indexOf(label(k))]! += x[i]!;
    }
  }
  await session.close();
  const products = Float32Array.from(a.flatMap((row, i) => [...row.subarray(i)]));
  const about = { round, base: sha256Of(base), samples: `${lessons}` };
  return partFile(products, b, inputs, about);
}

export function partFile(
  products: Float32Array,
  targets: Float32Array,
  inputs: number,
  about: Record<string, string>,
): Uint8Array {
  const tensors = new Map([
    ['products', tensor(products)],
    ['targets', tensor(targets, [inputs, targets.length / inputs])],
  ]);
  return writeSafetensors(tensors, { format: 'spikewire-part', version: '1', ...about });
}

/** Labels of somebody who wants the model to be wrong: each class is called like the next one. */
export const flipped = (k: number) => labelOf(k + 1);
