import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SpikewireError } from '@spikewire/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKernels } from './wasm-kernels.ts';

const BUILT = new URL('./kernels.generated.wasm', import.meta.url);
/** A module that is valid and empty. */
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

describe('the file of the kernels', () => {
  let folder: string;

  // Of all characters that mean something else in a URL.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kernels ä%20#?&-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function written(bytes: Uint8Array): URL {
    const path = join(folder, 'kernels.wasm');
    writeFileSync(path, bytes);
    return pathToFileURL(path);
  }

  it('is found wherever the package lies', () => {
    expect(() => readKernels(written(readFileSync(BUILT)))).not.toThrow();
  });

  it.each([
    ['is missing', undefined, /^kernels ".*ä%20#\?&-.*none\.wasm": cannot be read \(ENOENT\); expected the file that/],
    ['is no module', new TextEncoder().encode('nonsense'), /damaged \(.*magic.*\); expected the file that/],
    ['is empty', new Uint8Array(0), /damaged \(.*\); expected the file that/],
    ['is cut off', readFileSync(BUILT).subarray(0, 50_000), /damaged \(.*\); expected the file that/],
    ['is of another build', EMPTY, /has no "run"; expected the file that/],
  ])('%s: says so in one line', (_name, bytes, message) => {
    const file = bytes === undefined ? new URL('none.wasm', written(EMPTY)) : written(bytes);
    let problem: unknown;
    try {
      readKernels(file);
    } catch (thrown) {
      problem = thrown;
    }
    expect(problem).toBeInstanceOf(SpikewireError);
    expect(problem).toMatchObject({ code: 'file', message: expect.stringMatching(message) });
  });
});
