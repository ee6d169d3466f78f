import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packages } from '../../scripts/build/typescript.mjs';
import { copyWorkspace, ROOT } from './workspace-copy.ts';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const NAMES = ['spikewire', 'spikewire-with-trainer', 'spikewire-node-red-spikewire'];

/** A repository of its own, built as far as this one is. */
let clone: string;
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'spikewire-release-of-'));
  copyWorkspace(clone);
  for (const name of packages(ROOT)) {
    const options = { recursive: true, preserveTimestamps: true } as const;
    if (existsSync(join(ROOT, name, 'dist'))) cpSync(join(ROOT, name, 'dist'), join(clone, name, 'dist'), options);
  }
  git('init', '--quiet');
  commit();
}, 180_000);
afterAll(() => rmSync(clone, { recursive: true, force: true }));

function git(...words: string[]): void {
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...author, ...words], { cwd: clone, stdio: 'pipe' });
}

function commit(): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'All that is here');
}

function release(...words: string[]) {
  const script = join(clone, 'scripts/release.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { cwd: clone, encoding: 'utf8' });
  return { status, stdout, problems: stderr.split('\n').filter((line) => line.startsWith('release: ')) };
}

/** What a release says while a file has another text, which is committed if `committed`. */
function releaseWith(path: string, change: (text: string) => string, committed = true) {
  const original = existsSync(join(clone, path)) ? readFileSync(join(clone, path), 'utf8') : undefined;
  try {
    writeFileSync(join(clone, path), change(original ?? ''));
    if (committed) commit();
    return release('--dry-run');
  } finally {
    if (original === undefined) rmSync(join(clone, path));
    else writeFileSync(join(clone, path), original);
    if (committed) commit();
  }
}

/** The first release builds everything once more. */
describe('npm run release', { timeout: 600_000 }, () => {
  it('makes the tarballs, a bill of materials of each and their sums, and says what to do next', () => {
    const { status, stdout, problems } = release();
    expect({ status, problems }).toEqual({ status: 0, problems: [] });
    const files = NAMES.flatMap((name) => [`${name}-${version}.tgz`, `${name}-${version}.cdx.json`]);
    const folder = join(clone, 'pack');
    expect(readdirSync(folder).toSorted()).toEqual([...files, 'SHA256SUMS'].toSorted());
    const checked = execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
    expect(checked.split('\n').filter(Boolean).toSorted()).toEqual(files.map((file) => `${file}: OK`).toSorted());
    for (const name of NAMES) {
      const bill = JSON.parse(readFileSync(join(folder, `${name}-${version}.cdx.json`), 'utf8'));
      expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { version } } });
    }
    expect(stdout).toContain(`git tag -a v${version}`);

    // Whoever publishes in this order never sends a package before one that it needs.
    const order = [...stdout.matchAll(/npm publish --access public \.\/(\w+)/g)].map(([, name]) => name!);
    expect(order.toSorted()).toEqual([...packages(ROOT)].toSorted());
    const manifests = order.map((name) => JSON.parse(readFileSync(join(ROOT, name, 'package.json'), 'utf8')));
    for (const [place, { dependencies = {} }] of manifests.entries()) {
      for (const later of manifests.slice(place)) expect(Object.keys(dependencies)).not.toContain(later.name);
    }
  });

  it('leaves nothing behind after a dry run', () => {
    rmSync(join(clone, 'pack'), { recursive: true, force: true });
    const { status, stdout } = release('--dry-run');
    expect(status).toBe(0);
    const folder = /^ {2}(.*)\/SHA256SUMS$/m.exec(stdout)?.[1];
    expect(folder).toMatch(/spikewire-release-/);
    expect([existsSync(folder!), existsSync(join(clone, 'pack'))]).toEqual([false, false]);
  });

  it.each([
    [
      'what is not committed',
      'NOTICE',
      (text: string) => `${text}\n`,
      ['release: NOTICE is not committed; expected a clean working tree'],
    ],
    [
      'a package of another version',
      'exchange/package.json',
      (text: string) => text.replace(`"version": "${version}"`, '"version": "9.9.9"'),
      [`release: exchange has version 9.9.9; expected ${version} everywhere`],
    ],
    [
      'a package that needs another version',
      'engine/package.json',
      (text: string) => text.replace(`"@spikewire/models": "${version}"`, '"@spikewire/models": "9.9.9"'),
      [`release: engine has version 9.9.9; expected ${version} everywhere`],
    ],
    [
      'a changelog of the version before',
      'CHANGELOG.md',
      (text: string) => text.replace(`## [${version}]`, '## [0.0.9]'),
      [`release: CHANGELOG.md begins with 0.0.9; expected ${version} with a date`],
    ],
    [
      'a document that names another file',
      'README.md',
      (text: string) => text.replace(`spikewire-${version}.tgz`, 'spikewire-9.9.9.tgz'),
      [`release: README.md names spikewire-9.9.9.tgz; expected version ${version}`],
    ],
  ])('refuses %s', (what, path, change, problems) => {
    const { status, problems: found } = releaseWith(path, change, what !== 'what is not committed');
    expect({ status, found }).toEqual({ status: 1, found: problems });
  });

  it('refuses a package that would publish what is private', () => {
    const { status, problems } = releaseWith('models/zoo/.env', () => 'TOKEN=1\n');
    expect({ status, problems }).toEqual({
      status: 1,
      problems: ['release: @spikewire/models: zoo/.env would be published'],
    });
  });
});
