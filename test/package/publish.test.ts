import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packages } from '../../scripts/build/typescript.mjs';
import { publishProblems } from '../../scripts/release/published.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe.each(packages(ROOT))('npm publish of %s', (name) => {
  it('sends licence, notice, README and all that its manifest declares, and nothing else', () => {
    expect(publishProblems(join(ROOT, name))).toEqual([]);
    for (const text of ['LICENSE', 'NOTICE']) {
      expect(readFileSync(join(ROOT, name, text), 'utf8')).toBe(readFileSync(join(ROOT, text), 'utf8'));
    }
  });
});

describe('the check of what would be published', () => {
  const manifest = {
    name: 'spikewire-forged',
    version: '1.0.0',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    bin: { forged: './bin/forged.js' },
    spikewire: { sensors: './dist/sensors.js' },
    'node-red': { nodes: { forged: 'palette/forged.js' } },
    files: ['bin', 'dist', 'palette', 'NOTICE'],
  };
  const files = ['README.md', 'LICENSE', 'NOTICE', 'bin/forged.js', 'dist/index.js', 'dist/index.d.ts'];
  files.push('dist/sensors.js', 'palette/forged.js');

  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'spikewire-publish-'));
    write('package.json', JSON.stringify(manifest));
    for (const file of files) write(file, '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(file: string, text: string): void {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  }

  it('has nothing to say of a package that is whole', () => {
    expect(publishProblems(folder)).toEqual([]);
  });

  it('names each declared file that is missing', () => {
    for (const file of files) rmSync(join(folder, file));
    expect(publishProblems(folder).toSorted()).toEqual(
      files.map((file) => `spikewire-forged: ${file} is missing`).toSorted(),
    );
  });

  it('names each file that only a workspace needs, or that is private', () => {
    const others = ['dist/index.js.map', 'dist/index.test.js', 'dist/net.test-data.d.ts', 'dist/.tsbuildinfo'];
    others.push('dist/.env', 'bin/secret.pem', 'bin/src/forged.ts');
    for (const file of others) write(file, '');
    expect(publishProblems(folder).toSorted()).toEqual(
      others.map((file) => `spikewire-forged: ${file} would be published`).toSorted(),
    );
  });

  it('names a file that npm adds though no pattern names it', () => {
    write('COPYING', '');
    expect(publishProblems(folder)).toEqual(['spikewire-forged: COPYING would be published']);
  });

  it('refuses a private package', () => {
    write('package.json', JSON.stringify({ ...manifest, private: true }));
    expect(publishProblems(folder)).toEqual(['spikewire-forged: is private; expected a package that may be published']);
  });
});
