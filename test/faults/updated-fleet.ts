import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { classifierModel, writeModel } from '@spikewire/models';

const CLI = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
export const LABELS = ['idle', 'load', 'worn'];
/** Of the channels, by label. */
export const MEANS = [
  [-1, 0, 0.5],
  [1, 0, 0],
  [0, 1.5, -0.5],
];

/** A file of a base that is published. */
export interface PublishedBase {
  readonly path: string;
  readonly sha256: string;
  /** Than the others: it has one random neuron in its front. */
  readonly isWorse: boolean;
}

/** What devices follow: they are given the first base, and repository k offers base k + 1. */
export interface PublishedFleet {
  readonly bases: readonly PublishedBase[];
  readonly sites: readonly string[];
}

/** Publishes so many updates in turn, of which each second one is worse, and keeps the repository after each. */
export async function publishedFleet(folder: string, updates: number): Promise<PublishedFleet> {
  const run = promisify(execFile);
  const spikewire = (...words: string[]) => run(process.execPath, [CLI, 'fleet', ...words]);
  await mkdir(folder);
  const [site, keys, model] = [join(folder, 'site'), join(folder, 'keys'), join(folder, 'pump.spike')];
  await spikewire('init', site, '--keys', keys);
  const bases: PublishedBase[] = [];
  const sites: string[] = [];
  for (let k = 0; k <= updates; k++) {
    const isWorse = k > 0 && k % 2 === 0;
    const bytes = baseOf(k + 1, isWorse ? 1 : 24);
    const path = join(folder, `${k}.spike`);
    await writeFile(path, bytes);
    bases.push({ path, sha256: createHash('sha256').update(bytes).digest('hex'), isWorse });
    if (k === 0) continue;
    await writeFile(model, bytes);
    await spikewire('publish', model, '--to', site, '--keys', keys);
    sites.push(join(folder, `site-${k}`));
    await cp(site, sites.at(-1)!, { recursive: true });
  }
  return { bases, sites };
}

/** A classifier whose front has so many random neurons. */
function baseOf(seed: number, neurons: number): Uint8Array {
  const channels = ['vibration', 'current', 'temperature'].map((name) => ({ name, unit: '' }));
  const standardise = { mean: [0, 0, 0], deviation: [1, 1, 1] };
  return writeModel(classifierModel({ channels, labels: LABELS, standardise, running: false, neurons, seed }));
}
