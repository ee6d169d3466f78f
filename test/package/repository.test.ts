import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { packages } from '../../scripts/build/typescript.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES = packages(ROOT);
/** What is not in the repository: see .gitignore. */
const UNTRACKED = new Set(['node_modules', 'dist', '.git', 'pack', 'run', 'tmp', '.spikewire']);
const TEXT = /\.(ts|js|cjs|mjs|json|html|css|svg|md|yaml|yml|sh|txt)$|(^|\/)(run|LICENSE|NOTICE|\.npmrc|\.gitignore)$/;

interface Manifest {
  name: string;
  version: string;
  license?: string;
  private?: boolean;
  type?: string;
  engines?: Record<string, string>;
  files?: string[];
  exports?: Record<string, string | { types: string; default: string }>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return UNTRACKED.has(entry.name) ? [] : filesBelow(path);
    return /[.]generated[.](wasm|ts)$/.test(entry.name) ? [] : [relative(ROOT, path)];
  });
}

const FILES = filesBelow(ROOT);

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function manifest(folder: string): Manifest {
  return JSON.parse(read(join(folder, 'package.json')));
}

/** `path:line: text` of every line that matches. */
function findings(files: string[], pattern: RegExp): string[] {
  return files.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

describe('the repository', () => {
  const texts = FILES.filter((path) => TEXT.test(path));

  it('names no folder of the machine it was written on', () => {
    // Debian's places for programs and data are the same on every machine; a home or a working folder is not.
    expect(findings(texts, /(?<![\w.~-])\/(home|Users|root|work)\/[a-z]|[A-Z]:\\Users/)).toEqual([]);
  });

  it('names no host of a package registry', () => {
    const others = texts.filter((path) => path !== relative(ROOT, fileURLToPath(import.meta.url)));
    const hosts = /registry[.](npm|yarn)|(npmjs|yarnpkg|npmmirror)[.](org|com)|pypi[.]org|crates[.]io/;
    expect(findings(others, hosts)).toEqual([]);
  });

  it('locks versions and digests, and leaves open where they come from', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { resolved?: string; link?: boolean; integrity?: string; inBundle?: boolean }>;
    };
    // A package inside another's archive is covered by the digest of that archive.
    const installed = Object.entries(packages).filter(
      ([path, { link, inBundle }]) => path.includes('node_modules/') && !link && !inBundle,
    );
    expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
  });

  it('has no file whose name says nothing', () => {
    const empty = /^(utils?|helpers?|common|misc)\b/i;
    const folders = FILES.flatMap((path) => path.split('/').slice(0, -1));
    expect(FILES.filter((path) => empty.test(basename(path)))).toEqual([]);
    expect(folders.filter((folder) => empty.test(folder))).toEqual([]);
  });

  it('draws random numbers only from the seeded generator', () => {
    const sources = FILES.filter((path) => /^\w+\/(src|kernels)\/.*\.[cm]?ts$/.test(path));
    expect(sources.length).toBeGreaterThan(0);
    expect(findings(sources, /\bMath\s*\.\s*random\b/)).toEqual([]);
  });

  it('has no tool that nothing uses', () => {
    const files = FILES.filter((path) => /\.(ts|mjs|json)$/.test(path) && !/(^|\/)package(-lock)?\.json$/.test(path));
    const texts = files.map(read);
    const unused = Object.keys(manifest('.').devDependencies ?? {}).filter((name) => {
      const typed = /^@types\/(.*)/.exec(name)?.[1];
      const sought = typed === undefined ? [name] : [`"types": ["${typed}"]`, `from '${typed}';`];
      return !texts.some((text) => sought.some((each) => text.includes(each)));
    });
    expect(unused).toEqual([]);
  });

  it('has every test that its promises of security name', () => {
    const named = [...read('SECURITY.md').matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((path) => !FILES.some((file) => file === path || file.endsWith(`/${path}`)))).toEqual([]);
  });

  it('has each test in one project of vitest, so that none is lost or run twice', () => {
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-projects-'));
    try {
      const list = join(folder, 'files.json');
      const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
      execFileSync(process.execPath, [vitest, 'list', '--filesOnly', `--json=${list}`], { cwd: ROOT, stdio: 'pipe' });
      const listed = JSON.parse(readFileSync(list, 'utf8')) as { file: string }[];
      const tests = FILES.filter((path) => path.endsWith('.test.ts'));
      expect(listed.map(({ file }) => relative(ROOT, file)).toSorted()).toEqual(tests.toSorted());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('skips no test for good and runs none alone', () => {
    const tests = FILES.filter((path) => path.endsWith('.test.ts'));
    expect(findings(tests, /\b(it|test|describe)(\.\w+)*\.(only|skip|todo)\(/)).toEqual([]);
  });
});

describe.each(PACKAGES)('the package %s', (folder) => {
  const { license, engines, type, version, exports = {}, files, dependencies = {}, devDependencies } = manifest(folder);

  it('states licence, module kind, engine and version like the workspace', () => {
    const workspace = manifest('.');
    expect({ license, engines, type, version }).toEqual({
      license: workspace.license,
      engines: workspace.engines,
      type: 'module',
      version: workspace.version,
    });
    expect(read('LICENSE')).toContain('Apache License');
    expect(license).toBe('Apache-2.0');
  });

  it('exports built files that its sources give, types first', () => {
    expect(exports['./package.json']).toBe('./package.json');
    const faces = Object.values(exports).filter((face) => typeof face === 'object');
    expect(faces.length).toBeGreaterThan(0);
    for (const face of faces) {
      expect(Object.keys(face)).toEqual(['types', 'default']);
      expect(face.types).toBe(face.default.replace(/\.js$/, '.d.ts'));
      const source = join(folder, face.default.replace('/dist/', '/src/').replace(/\.js$/, '.ts'));
      expect(existsSync(join(ROOT, source)), `${source} behind an export`).toBe(true);
    }
  });

  it('sends its output and nothing of its sources', () => {
    expect(files).toContain('dist');
    expect(files).not.toContain('src');
  });

  it('takes its siblings in the version of the workspace and has no tools of its own', () => {
    const siblings = new Map(PACKAGES.map((sibling) => [manifest(sibling).name, manifest(sibling).version]));
    for (const [name, range] of Object.entries(dependencies)) {
      if (siblings.has(name)) expect(range, name).toBe(siblings.get(name));
    }
    expect(devDependencies).toBeUndefined();
  });
});
