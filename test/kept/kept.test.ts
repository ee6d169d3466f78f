import { readdirSync, readFileSync } from 'node:fs';
import { type Model, modelDigest, readModel } from '@spikewire/models';
import { describe, expect, it } from 'vitest';
import { MODELS } from './models.mjs';
import { open } from './play.mjs';

/*
 * Files of every release, each in a folder of its own: models, and the states that they saved after learning. All later
 * versions read them and give the same answers, bit for bit. `write.mjs` has written them; they never change.
 */

interface Kept {
  readonly digest: string;
  readonly asked: readonly unknown[];
  /** What the model answered with its state, by engine. */
  readonly answers: Readonly<Record<string, readonly unknown[]>>;
}

const HERE = new URL('./', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('../../package.json', HERE), 'utf8'));
const RELEASES = readdirSync(HERE).filter((name) => /^\d+\.\d+\.\d+$/.test(name));

const CASES = RELEASES.flatMap((release) =>
  namesIn(release).flatMap((name) =>
    Object.keys(readKept(release, name).answers).map((engine) => [release, name, engine]),
  ),
) as [string, string, string][];

function namesIn(release: string): string[] {
  const files = readdirSync(new URL(`${release}/`, HERE));
  return files.filter((file) => file.endsWith('.spike')).map((file) => file.slice(0, -'.spike'.length));
}

function read(release: string, file: string): Uint8Array {
  return readFileSync(new URL(`${release}/${file}`, HERE));
}

function readKept(release: string, name: string): Kept {
  return JSON.parse(Buffer.from(read(release, `${name}.json`)).toString());
}

describe('kept files', () => {
  it('are there for this version: node test/kept/write.mjs writes them, before a release', () => {
    expect(RELEASES).toContain(version);
    expect(namesIn(version).toSorted()).toEqual(Object.keys(MODELS).toSorted());
  });

  it('are whole: each model has a state for each engine, and each state a model', () => {
    for (const release of RELEASES) {
      const wanted = namesIn(release).flatMap((name) => [
        ...[`${name}.spike`, `${name}.json`],
        ...Object.keys(readKept(release, name).answers).map((engine) => `${name}.${engine}.state`),
      ]);
      expect(readdirSync(new URL(`${release}/`, HERE)).toSorted()).toEqual(wanted.toSorted());
    }
  });

  it('are asked something: nets have learned, and neurons spike', () => {
    for (const [release, name] of CASES) {
      for (const answers of Object.values(readKept(release, name).answers)) {
        expect(JSON.stringify(answers), name).toMatch(/"spikes":(?:[1-9]|\[\[)/);
      }
    }
  });
});

describe.each(CASES)('%s: %s on %s', (release, name, engine) => {
  it('is the same model, takes the state, and answers as it did, bit for bit', async () => {
    const bytes = read(release, `${name}.spike`);
    const { digest, asked, answers } = readKept(release, name);
    expect(modelDigest(bytes)).toBe(digest);
    const model: Model = readModel(bytes);
    const player = open(model, engine);
    expect(await player.restore(read(release, `${name}.${engine}.state`))).toEqual({ isWhole: true });
    expect(await player.play(asked)).toEqual(answers[engine]);
  });
});
