import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packages } from '../../scripts/build/typescript.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spikewire-licences-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each(packages(ROOT))('npm pack of %s carries licence and notice', (name) => {
  const options = ['--pack-destination', folder, '--offline', '--silent'];
  const tarball = execFileSync('npm', ['pack', ...options], { cwd: join(ROOT, name), encoding: 'utf8' }).trim();
  for (const text of ['LICENSE', 'NOTICE']) {
    const packed = execFileSync('tar', ['-xzOf', join(folder, tarball), `package/${text}`], { encoding: 'utf8' });
    expect(packed).toBe(readFileSync(join(ROOT, text), 'utf8'));
  }
});
