import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const CHECK = fileURLToPath(new URL('../../scripts/check-device-path.mjs', import.meta.url));
const MAIN = fileURLToPath(new URL('../../runtime/bin/spikewire.js', import.meta.url));
const WILD = fileURLToPath(new URL('../golden/data/nir-wild/hdf5-v108.nir', import.meta.url));

/** One package below `node_modules` of a workspace whose `runtime` needs it. */
type Dependency = { manifest?: object; lock?: object; files?: string[] };

describe('the check of the device path', () => {
  let tree: string;
  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), 'spikewire-device-path-'));
  });
  afterEach(() => rmSync(tree, { recursive: true }));

  function check(folder: string): { status: number | null; lines: string[]; complaint: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CHECK, folder], { encoding: 'utf8' });
    return { status, lines: stdout.trim().split('\n'), complaint: stderr };
  }

  function workspace(dependencies: Record<string, Dependency>, runtime: object = {}): void {
    const names = Object.keys(dependencies);
    const needed = Object.fromEntries(names.filter((name) => !name.includes('/')).map((name) => [name, '1.0.0']));
    const packages: Record<string, object> = {
      models: {},
      engine: {},
      runtime: { dependencies: { ...needed, models: '1.0.0' }, ...runtime },
      nodes: {},
      'node_modules/models': { resolved: 'models', link: true },
    };
    for (const folder of ['models', 'engine', 'runtime', 'nodes']) {
      write(`${folder}/package.json`, { name: folder, version: '1.0.0', license: 'Apache-2.0' });
    }
    for (const [name, { manifest = {}, lock = {}, files = [] }] of Object.entries(dependencies)) {
      packages[`node_modules/${name}`] = { version: '1.0.0', ...lock };
      const own = name.replace(/^.*node_modules\//, '');
      write(`node_modules/${name}/package.json`, { name: own, version: '1.0.0', license: 'MIT', ...manifest });
      for (const file of files) write(`node_modules/${name}/${file}`, {});
    }
    write('package-lock.json', { lockfileVersion: 3, packages });
  }

  function write(path: string, content: object): void {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), JSON.stringify(content));
  }

  it('finds this workspace fit', () => {
    const { status, lines } = check(fileURLToPath(new URL('../..', import.meta.url)));
    expect(lines.filter((line) => !line.startsWith('fit '))).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/ mqtt \d/));
    // What reads the files of others, HDF5 among them, stays on the computer that imports.
    expect(lines.filter((line) => /exchange|trainer|hdf5/.test(line))).toEqual([]);
    expect(status).toBe(0);
  });

  it('has no code that reads HDF5 or Protocol Buffers in what a device installs', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const built = (folder: string) =>
      readdirSync(join(root, folder, 'dist'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.js'))
        .map((name) => readFileSync(join(root, folder, 'dist', name), 'utf8'));
    // Signatures of its parts, and what protobuf's errors say.
    const foreign = /OHDR|SNOD|GCOL|spinnaker2|a whole protocol buffer/;
    expect(built('exchange').some((code) => foreign.test(code))).toBe(true);
    for (const folder of ['models', 'engine', 'runtime', 'nodes']) {
      const files = built(folder);
      expect(files.length, folder).toBeGreaterThan(0);
      expect(files.filter((code) => foreign.test(code)).length, folder).toBe(0);
    }
  });

  it.each<[string, string[], boolean]>([
    ['the net of a sample is simulated', ['simulate', 'next-reading-1', '--input', 'i.json'], false],
    ['a model is inspected', ['inspect', 'next-reading-1'], false],
    ['a NIR file is imported', ['import', WILD, '--out', 'm.spike'], true],
  ])('loads code of other formats only where it reads them: %s', (_, words, isLoaded) => {
    write('i.json', { dt: 0.001, steps: 3, input: { in: [[0, 0]] } });
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
      cwd: tree,
      encoding: 'utf8',
      env: { ...process.env, NODE_V8_COVERAGE: join(tree, 'coverage') },
    });
    expect({ status, stderr: isLoaded ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    // Names of all modules that were run.
    const reports = readdirSync(join(tree, 'coverage')).map((name) =>
      readFileSync(join(tree, 'coverage', name), 'utf8'),
    );
    const urls = reports.flatMap((report) => [...report.matchAll(/"url":"(file:[^"]*)"/g)].map(([, url]) => url!));
    expect(urls.filter((url) => /\/models\/dist\//.test(url)).length).toBeGreaterThan(0);
    expect(urls.some((url) => /\/(exchange|trainer)\/dist\//.test(url))).toBe(isLoaded);
  });

  it('lets a plain package pass, with one line for every package of the tree', () => {
    workspace({ plain: { files: ['lib/plain.js'] } });
    const { status, lines } = check(tree);
    expect(status).toBe(0);
    expect(lines.toSorted()).toEqual([
      'fit   engine 1.0.0 Apache-2.0',
      'fit   models 1.0.0 Apache-2.0',
      'fit   nodes 1.0.0 Apache-2.0',
      'fit   plain 1.0.0 MIT',
      'fit   runtime 1.0.0 Apache-2.0',
    ]);
  });

  it.each<[string, Dependency]>([
    ['the lock file says it has an install script', { lock: { hasInstallScript: true } }],
    ['preinstall script', { manifest: { scripts: { preinstall: 'x' } } }],
    ['install script', { manifest: { scripts: { install: 'node-gyp rebuild' } } }],
    ['postinstall script', { manifest: { scripts: { postinstall: 'x' } } }],
    ['native code in binding.gyp', { files: ['binding.gyp'] }],
    ['native code in build/linux-arm64/addon.node', { files: ['build/linux-arm64/addon.node'] }],
    ['licence GPL-3.0-only', { manifest: { license: 'GPL-3.0-only' } }],
    ['licence MIT AND GPL-2.0-only', { manifest: { license: '(MIT AND GPL-2.0-only)' } }],
    ['licence missing', { manifest: { license: undefined } }],
  ])('refuses: %s', (objection, dependency) => {
    workspace({ plain: {}, odd: dependency });
    const { status, lines } = check(tree);
    expect(status).toBe(1);
    const refused = lines.filter((line) => line.startsWith('UNFIT'));
    expect(refused).toHaveLength(1);
    expect(refused[0]?.replace(/[()]/g, '')).toMatch(new RegExp(`^UNFIT odd 1\\.0\\.0.*: ${objection}$`));
  });

  it('looks through the whole tree, nested and optional dependencies included', () => {
    workspace({
      plain: { lock: { optionalDependencies: { deep: '2.0.0' } } },
      'plain/node_modules/deep': { manifest: { scripts: { install: 'x' } } },
    });
    expect(check(tree).lines).toContainEqual('UNFIT deep 1.0.0 MIT: install script');
  });

  it('leaves optional peers to the user, and takes one of several licences', () => {
    workspace(
      { plain: { manifest: { license: '(GPL-2.0-only OR MIT)' } } },
      { peerDependencies: { broker: '1.0.0' }, peerDependenciesMeta: { broker: { optional: true } } },
    );
    expect(check(tree)).toMatchObject({ status: 0 });
  });

  it('says what is missing from a tree that is not whole', () => {
    workspace({ plain: { lock: { dependencies: { lost: '1.0.0' } } } });
    expect(check(tree)).toMatchObject({ status: 1, complaint: expect.stringMatching(/^.*"lost".*\n$/) });
  });
});
