import { createHash } from 'node:crypto';
import { nextReadingModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { inProcess } from 'spikewire/executor';
import { KeptSession } from 'spikewire/session';

const model = nextReadingModel({
  channels: [{ name: 'level', unit: 'm' }],
  neurons: 10,
  rangeWarmUp: 20,
  monitor: { warmUp: 20 },
});
const bytes = writeModel(quantize(model, { bits: 8, headroom: 8 }));

/**
 * A tiny net that learns, kept in a folder. A digest of its weights goes into each save as its notes.
 *
 * @param {string | undefined} directory
 * @param {string[]} warnings
 */
export async function openNet(directory, warnings = []) {
  /** @type {KeptSession} */
  const kept = await KeptSession.open(bytes, inProcess(engineNamed('clocked')), {
    ...(directory === undefined ? {} : { store: directory }),
    saveEverySeconds: 0,
    notes: () => weightsDigest(kept),
    warn: (line) => warnings.push(line),
  });
  return kept;
}

/** @param {KeptSession} kept */
export function weightsDigest(kept) {
  const weights = kept.session.executor.network.readWeights('reading/decode');
  return createHash('sha256').update(new Uint8Array(weights.buffer)).digest('hex');
}

/**
 * Reading `k` of the endless stream, which follows from its number alone.
 *
 * @param {number} k
 */
export function reading(k) {
  const noise = new RandomGenerator(k, 'level').nextNormal();
  return { time: 1000 * k, values: Float64Array.of(3 * Math.sin(k / 50) + (k % 700) / 100 + 0.05 * noise) };
}
