import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NEWEST, NodeRedProcess } from '../e2e/node-red-process.ts';
import { installing, packed } from './packed.ts';
import { copyWorkspace, ROOT } from './workspace-copy.ts';

/** The line of each kind in its index; the files are the examples of CONTRIBUTING.md. */
const LINES: readonly {
  readonly index: string;
  readonly file: string;
  readonly name: string;
}[] = [
  { index: 'models/src/kinds/kinds.ts', file: '../neurons/quadratic.ts', name: 'quadratic' },
  { index: 'models/src/coding/encoders/encoders.ts', file: './thermometer.ts', name: 'thermometer' },
  { index: 'models/src/features/chain/features.ts', file: '../impulse-factor.ts', name: 'impulseFactor' },
  { index: 'models/src/plasticity/rules.ts', file: './instar.ts', name: 'instar' },
  { index: 'models/src/monitoring/monitors.ts', file: './deviation/repeated.ts', name: 'repeated' },
  { index: 'models/src/file/formats.ts', file: './dot.ts', name: 'dot' },
  { index: 'trainer/src/losses/losses.ts', file: './squared.ts', name: 'squared' },
  { index: 'trainer/src/methods/methods.ts', file: './few-steps.ts', name: 'fewSteps' },
  { index: 'trainer/src/training-nodes/training-words.ts', file: './noise.ts', name: 'noise' },
  { index: 'devices/src/sensors/index.ts', file: './load.ts', name: 'loadDriver' },
  { index: 'devices/src/accelerators/index.ts', file: './toy.ts', name: 'toyDriver' },
  { index: 'nodes/src/palette/palette.ts', file: './alarm.ts', name: 'alarmNode' },
];

interface Example {
  readonly file: string;
  readonly text: string;
}

const examples: readonly Example[] = [
  ...readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').matchAll(/^```(?:ts|js|json) (\S+)\n([\s\S]*?)^```$/gm),
].map(([, file, text]) => ({ file: file!, text: text! }));

/** The package from outside among them, by its folder. */
const OUTSIDE = 'spikewire-example';

let house: string;

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'spikewire-house-'));
  copyWorkspace(house);
  for (const { file, text } of examples) {
    if (!file.startsWith(`${OUTSIDE}/`)) writeFileSync(join(house, file), text);
  }
  for (const line of LINES) addLine(line);
  addSubcommand('digest');
}, 180_000);

afterAll(() => rmSync(house, { recursive: true, force: true }));

/** An import, and the name at the end of the list. */
function addLine({ index, file, name }: (typeof LINES)[number]): void {
  const path = join(house, index);
  const text = readFileSync(path, 'utf8');
  const longer = text.replace(/(= \[[\s\S]*?),?(\s*\];)/, `$1, ${name}$2`).replace('[, ', '[');
  expect(longer).not.toBe(text);
  writeFileSync(path, `import { ${name} } from '${file}';\n${longer}`);
}

function addSubcommand(name: string): void {
  const path = join(house, 'runtime/src/cli/commands/registry.ts');
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace('  run: () => import(', `  ${name}: () => import('./${name}.ts'),\n  run: () => import(`),
  );
}

function node(words: readonly string[], folder = house) {
  // The report of the run around it is none of its business.
  const { SPIKEWIRE_TEST_REPORT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8', env });
  return { status, stdout, stderr };
}

const spikewire = (...words: string[]) => node([join(house, 'runtime/bin/spikewire.js'), ...words]);

function writeJson(name: string, document: unknown): string {
  const path = join(house, name);
  writeFileSync(path, JSON.stringify(document));
  return path;
}

/** A cell that spikes with each spike that it gets. */
const CELL = {
  nodes: {
    in: { type: 'Input', shape: [1] },
    cell: { type: 'IF', r: 1000, v_threshold: 0.4 },
    out: { type: 'Output' },
  },
  edges: [
    ['in', 'cell'],
    ['cell', 'out'],
  ],
  semantics: { dt: 0.001 },
};

const stringWith = (part: string) => expect.stringContaining(part);

const chain = (...names: string[]) => names.slice(1).map((name, k) => [names[k], name]);

describe('a kind that is one file and one line in its index', { timeout: 600_000 }, () => {
  it('builds and has types', () => {
    expect(examples.length).toBeGreaterThan(12);
    // The first build says what it does, the next one nothing.
    const built = node(['scripts/build.mjs']);
    expect(built).toMatchObject({ status: 0, stdout: '' });
    const lines = [/^first build, /, ...[1, 2, 3].map((k) => new RegExp(`^  ${k}/3: `)), /^$/];
    expect(built.stderr.split('\n')).toEqual(lines.map((line) => expect.stringMatching(line)));
    expect(node(['scripts/build.mjs'])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(node(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json'])).toMatchObject({
      status: 0,
      stdout: '',
    });
  });

  it('passes its own test, and what all kinds must hold', () => {
    const own = examples.map(({ file }) => file).filter((file) => file.endsWith('.test.ts'));
    const all = [
      'monitoring/watch',
      'test/neurons',
      'test/conformance/kinds',
      'test/conformance/learning-rules',
      'encoders.test',
      'features.test',
      'palette.test',
    ];
    const tests = ['node_modules/vitest/vitest.mjs', 'run', '--reporter', 'json', ...own, ...all];
    const names = [
      ...examples.map(({ file }) => file).filter((file) => file.endsWith('.ts')),
      'spikewire-alarm',
      'QuadraticIF',
      'thermometer',
      'impulse-factor',
      'instar',
      'repeated',
    ];
    const { testResults } = JSON.parse(node(tests).stdout) as {
      testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
    };
    const results = testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, status }) => ({ name: `${name}: ${fullName}`, status })),
    );
    const about = results.filter(({ name }) => names.some((each) => name.includes(each)));
    expect(about.filter(({ status }) => status !== 'passed' && status !== 'skipped')).toEqual([]);
    for (const each of names.filter((name) => !name.endsWith('.ts') || name.endsWith('.test.ts')))
      expect(
        about.some(({ name, status }) => status === 'passed' && name.includes(each)),
        each,
      ).toBe(true);
  });

  it('is documented from its own table and comment', () => {
    const made = node(['scripts/docs.mjs']);
    expect([made.status, made.stderr]).toEqual([0, '']);
    const page = readFileSync(join(house, 'docs/reference.md'), 'utf8');
    for (const name of ['QuadraticIF', 'thermometer', 'impulse-factor', 'instar', 'repeated'])
      expect(page).toContain(`### \`${name}\``);
  });

  it('a neuron runs, and is refused with what its table says', () => {
    const nodes = {
      in: { type: 'Input', shape: [1] },
      fc: { type: 'Linear', weight: [[300]] },
      cell: { type: 'QuadraticIF', tau: 0.02, v_threshold: 20, v_reset: -20 },
      out: { type: 'Output' },
    };
    const edges = chain('in', 'fc', 'cell', 'out');
    const model = writeJson('qif.json', { nodes, edges, semantics: { dt: 0.001 } });
    const input = writeJson('current.json', {
      dt: 0.001,
      steps: 100,
      input: { in: Array.from({ length: 100 }, (_, k) => [k, 0]) },
    });
    const { status, stdout, stderr } = spikewire('simulate', model, '--input', input, '--device', 'clocked', '--json');
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout).spikes.cell.length).toBeGreaterThan(3);
    writeJson('qif.json', { nodes: { ...nodes, cell: { ...nodes.cell, tau: -1 } }, edges, semantics: { dt: 0.001 } });
    expect(spikewire('simulate', model, '--input', input)).toMatchObject({
      status: 1,
      stderr: stringWith('tau'),
    });
  });

  it('a rule learns', () => {
    const net = {
      nodes: {
        in: { type: 'Input', shape: [1] },
        fc: { type: 'Linear', weight: [[0.5]] },
        cell: { type: 'IF', r: 1000, v_threshold: 0.4 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'fc', 'cell', 'out'),
      semantics: { dt: 0.001 },
      learning: { fc: { rule: 'instar', eta: 0.5 } },
    };
    const model = writeJson('rule.json', net);
    const input = writeJson('spikes.json', { dt: 0.001, steps: 3, input: { in: [[0, 0]] } });
    const words = ['simulate', model, '--input', input, '--learn', '--record', 'weights:fc', '--json'];
    const { status, stdout } = spikewire(...words);
    expect(status).toBe(0);
    // The spike that caused it is not in the trace before the next step: half the way from 0.5 to 0.
    expect(JSON.parse(stdout).weights.fc.at(-1)[1][0]).toBeCloseTo(0.25, 6);
    const wrong = writeJson('wrong.json', { ...net, learning: { fc: { rule: 'instar', eta: -1 } } });
    expect(spikewire('simulate', wrong, '--input', input)).toMatchObject({ status: 1, stderr: stringWith('eta') });
  });

  it('an encoder and a feature stand in front of a net', () => {
    const rows = Array.from({ length: 40 }, (_, k) => `${Math.sin(k)},${k % 2 === 0 ? 'low' : 'high'}`);
    writeFileSync(join(house, 'rows.csv'), ['x,label', ...rows].join('\n'));
    const coded = {
      nodes: {
        in: { type: 'Input', shape: [3] },
        fc: {
          type: 'Linear',
          weight: [
            [1, 0, 0],
            [0, 0, 1],
          ],
        },
        cell: { type: 'IF', r: 1000, v_threshold: 0.4 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'fc', 'cell', 'out'),
      semantics: { dt: 0.001 },
      sample: { steps: 5, between: 'reset' },
      encoder: { in: { type: 'thermometer', levels: 3, range: [-1, 1] } },
      decoder: { out: { type: 'count' } },
      labels: ['low', 'high'],
    };
    const model = writeJson('coded.json', coded);
    const { status, stdout, stderr } = spikewire('eval', model, '--data', `csv:${join(house, 'rows.csv')}`, '--json');
    // A slow machine is shown how far it is.
    expect([status, stderr.replace(/^\d+ of \d+ samples\n/gm, '')]).toEqual([0, '']);
    expect(JSON.parse(stdout).spikesPerSample).toBeGreaterThan(0);
    const stages = [{ type: 'window', length: 8, hop: 8 }, { type: 'impulse-factor' }];
    const featured = writeJson('featured.json', { ...coded, features: { in: stages } });
    expect(spikewire('inspect', featured)).toMatchObject({ status: 0, stderr: '' });
    const encoder = { in: { type: 'thermometer', levels: 2, range: [-1, 1] } };
    const misfit = spikewire('inspect', writeJson('misfit.json', { ...coded, encoder }));
    expect(misfit).toMatchObject({ status: 1, stderr: stringWith('a multiple of the 2 levels') });
  });

  it('a loss, a method and a node of training train', () => {
    const few = ['--data', 'iris', '--arch', '4-8-3', '--epochs', '2', '--seed', '1', '--json'];
    const methodical = spikewire('train', '--method', 'few-steps', ...few, '--out', join(house, 'few.spike'));
    expect([methodical.status, methodical.stderr.includes('Error')]).toEqual([0, false]);
    const lossy = spikewire('train', '--loss', 'squared:height=2', ...few, '--out', join(house, 'squared.spike'));
    expect(lossy.status).toBe(0);
    expect(spikewire('train', '--help').stdout).toContain('few-steps');
    const noisy = spikewire('train', ...few.with(3, '4-8-noise0.2-3'), '--out', join(house, 'noisy.spike'));
    expect(noisy.status).toBe(0);
    const typesIn = (name: string) => {
      const { nodes } = JSON.parse(spikewire('inspect', join(house, name), '--json').stdout) as { nodes: object[] };
      return nodes.map((node) => 'type' in node && node.type);
    };
    expect(typesIn('noisy.spike')).toEqual(typesIn('few.spike'));
    expect(spikewire('train', '--help').stdout).toContain('noise0.1');
    const wrong = spikewire('train', '--loss', 'squared:height=0', ...few, '--out', join(house, 'wrong.spike'));
    expect(wrong).toMatchObject({ status: 2, stderr: stringWith('height') });
  });

  it('a format writes what export is asked for', () => {
    const drawing = join(house, 'few.dot');
    expect(spikewire('export', join(house, 'few.spike'), '--out', drawing).status).toBe(0);
    expect(readFileSync(drawing, 'utf8')).toMatch(/^digraph \{\n/);
  });

  it('a subcommand and a sensor are there', () => {
    expect(spikewire('digest', join(house, 'few.spike')).stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(spikewire('devices').stdout).toContain('load:1');
  });

  it('a board runs what fits, and refuses what does not, node by node', () => {
    const [float, whole] = [join(house, 'few.spike'), join(house, 'few-int8.spike')];
    expect(spikewire('quantize', float, '--bits', '8', '--data', 'iris', '--out', whole).status).toBe(0);
    const on = (device: string) => spikewire('eval', whole, '--data', 'iris', '--device', device, '--json');
    expect(JSON.parse(on('toy:0').stdout).accuracy).toBe(JSON.parse(on('clocked').stdout).accuracy);
    const input = writeJson('shown.json', { steps: 20, input: { in: [[0, 0, 1]] } });
    const seen = (device: string) => spikewire('simulate', whole, '--input', input, '--device', device).stdout;
    expect(JSON.parse(seen('toy:0'))).toEqual(JSON.parse(seen('clocked')));
    expect(spikewire('devices').stdout).toContain('toy:0');
    const refused = spikewire('eval', float, '--data', 'iris', '--device', 'toy:0');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(/weight|bits|float/) });
  });

  it('a monitor flags what it is for', async () => {
    const model = writeJson('watched.json', {
      nodes: {
        in: { type: 'Input', shape: [1] },
        cell: { type: 'IF', r: 1000, v_threshold: 0.4 },
        out: { type: 'Output' },
      },
      edges: chain('in', 'cell', 'out'),
      semantics: { dt: 0.001 },
      sample: { steps: 5, between: 'reset' },
      encoder: { in: { type: 'direct', range: [0, 100] } },
      decoder: { out: { type: 'count' } },
      monitor: [{ type: 'repeated', sensitivity: 5 }],
    });
    const command = [join(house, 'runtime/bin/spikewire.js'), 'run', model, '--sensor', 'load:1', '--interval', '0.01'];
    // The mean of the last minute is the same for the five seconds that the kernel takes for the next.
    const run = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(run, 'close');
    const flagged = /"repeated":\{[^}]*"reason":"[^"]+ gives the same number again and again"/;
    let found = false;
    for await (const line of createInterface({ input: run.stdout })) {
      if (!found && flagged.test(line)) run.kill('SIGINT');
      found ||= flagged.test(line);
    }
    expect([await ended, found]).toEqual([[0, null], true]);
  });

  it('a node has its form and its entry, is registered, and opens with what the editor stored', async () => {
    const file = 'palette/spikewire-alarm.js';
    const manifest = JSON.parse(readFileSync(join(house, 'nodes/package.json'), 'utf8'));
    expect(manifest['node-red'].nodes).toMatchObject({ 'spikewire-net': expect.any(String), 'spikewire-alarm': file });
    const form = readFileSync(join(house, 'nodes/palette/spikewire-alarm.html'), 'utf8');
    expect(form).toMatch(/id="node-input-after" min="1" max="1000"/);

    const types = new Map<string, (configuration: object) => void>();
    const registerType = (type: string, open: (configuration: object) => void) => types.set(type, open);
    const register = createRequire(import.meta.url)(join(house, 'nodes', file));
    await register({ nodes: { registerType, createNode: () => {} } });
    const problems: string[] = [];
    const open = (after: string) => {
      const opened = Object.assign(new EventEmitter(), {
        error: (line: string) => problems.push(line),
        status: () => {},
      });
      types.get('spikewire-alarm')!.call(opened, { after });
      return opened;
    };
    const sent: object[] = [];
    const message = { spikewire: { anomaly: true } };
    const opened = open('2');
    for (let k = 0; k < 3; k++)
      opened.emit(
        'input',
        message,
        (passed: object) => sent.push(passed),
        () => {},
      );
    expect(sent).toEqual([message]);
    open('0');
    expect(problems).toEqual(['after: is "0"; expected a whole number from 1 to 1000']);
  });
});

describe('a package from outside', { timeout: 600_000 }, () => {
  let work: string;
  let place: string;
  /** Packed files. */
  let outsider: string;
  let forDevices: string;

  /** It is packed as its author would, and installed from files beside the one of a device, without a network. */
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'spikewire-outside-'));
    place = join(work, 'device');
    for (const folder of [OUTSIDE, 'broken', 'device']) mkdirSync(join(work, folder));
    for (const { file, text } of examples) if (file.startsWith(`${OUTSIDE}/`)) writeFileSync(join(work, file), text);
    const broken = { name: 'broken', version: '2.0.0', spikewire: { sensors: './none.js' } };
    writeFileSync(join(work, 'broken/package.json'), JSON.stringify(broken));
    const npm = (folder: string, words: readonly string[]) =>
      execFileSync('npm', words, { cwd: join(work, folder), encoding: 'utf8', stdio: 'pipe' }).trim();
    const pack = ['pack', '--silent', '--offline', '--pack-destination', work];
    outsider = join(work, npm(OUTSIDE, pack));
    forDevices = packed('device', work);
    npm('device', [...installing(forDevices, work), outsider, join(work, npm('broken', pack))]);
    writeFileSync(join(place, 'cell.json'), JSON.stringify(CELL));
  }, 180_000);

  afterAll(() => rmSync(work, { recursive: true, force: true }));

  const outside = (...words: string[]) =>
    node([join(place, 'node_modules/spikewire/bin/spikewire.js'), ...words], place);

  it('has the types that it says', () => {
    const folder = join(work, 'types');
    cpSync(join(work, OUTSIDE), folder, { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const files = ['drivers', 'sensors', 'formats', 'commands'].map((name) => `${name}.js`);
    const options = [
      '--noEmit',
      '--checkJs',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
    ];
    const checked = node(['node_modules/typescript/bin/tsc', '--ignoreConfig', ...options, ...files], folder);
    expect(checked).toMatchObject({ status: 0, stdout: '' });
  });

  it('brings a command, listed under its name', () => {
    const { status, stdout, stderr } = outside('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('\nFrom the package spikewire-example:\n\n  count-nodes  count the nodes of a model\n');
    expect(stderr).toBe('');
    expect(outside('count-nodes', 'cell.json')).toEqual({ status: 0, stdout: '3 nodes\n', stderr: '' });
    expect(outside('count-node', 'cell.json')).toMatchObject({
      status: 2,
      stderr: stringWith('did you mean "spikewire count-nodes"'),
    });
  });

  it('brings a format, which is written and read', () => {
    expect(outside('export', 'cell.json', '--out', 'cell.gz').status).toBe(0);
    expect([...readFileSync(join(place, 'cell.gz')).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    expect(outside('count-nodes', 'cell.gz')).toEqual({ status: 0, stdout: '3 nodes\n', stderr: '' });
    writeFileSync(join(place, 'broken.gz'), Uint8Array.of(0x1f, 0x8b, 1));
    expect(outside('inspect', 'broken.gz')).toMatchObject({ status: 1, stderr: stringWith('a compressed model') });
    expect(outside('export', '--help').stdout).toMatch(/ \.gz +a model file, compressed by gzip/);
  });

  it('brings a driver of a board, on which a net runs', () => {
    writeFileSync(
      join(place, 'in.json'),
      JSON.stringify({
        steps: 20,
        input: {
          in: [
            [0, 0],
            [1, 0],
            [9, 0],
          ],
        },
      }),
    );
    const seen = (device: string) => outside('simulate', 'cell.json', '--input', 'in.json', '--device', device);
    const { status, stdout } = seen('pretended:0');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).spikes.cell).toEqual([0, 1, 9].map((step) => [step, 0]));
    expect(seen('pretended:1')).toMatchObject({ status: 1, stderr: stringWith('pretended:1: is not attached') });
    expect(seen('none:1').stderr).toMatch(
      /needs the driver "none", which is not installed; expected one of (fpga.*, pretended|pretended, fpga.*)\n$/,
    );
  });

  it('brings a sensor, which is listed and read', () => {
    const { stdout } = outside('devices', '--json');
    const { sensors, boards } = JSON.parse(stdout);
    expect(sensors.map(({ address }: { address: string }) => address)).toContain('uptime:system');
    expect(boards.map(({ address }: { address: string }) => address)).toEqual(['pretended:0']);
    const read = JSON.parse(outside('devices', '--test', 'uptime:system', '--json').stdout);
    expect(read.samples).toBeGreaterThan(1);
    expect(read.channels[0].low).toBeGreaterThan(0);
  });

  it('is listed by doctor, and one that is broken is one line there and in the way of nobody', () => {
    const { status, stdout } = outside('doctor', '--json');
    const { findings } = JSON.parse(stdout) as { findings: { check: string; state: string; found: string }[] };
    const found = findings.filter(({ check }) => check === 'packages').map(({ state, found }) => `${state}: ${found}`);
    const brought = 'driver pretended, sensor uptime, format gzip, command count-nodes';
    expect(found).toEqual(
      expect.arrayContaining([
        `ok: spikewire-example 1.0.0 brings ${brought}`,
        'bad: broken: ./none.js: does not exist; expected a module of the package',
      ]),
    );
    expect(status).toBe(1);
    expect(outside('devices').stderr).toBe(
      'spikewire: broken: ./none.js: does not exist; expected a module of the package\n',
    );
  });

  it('is found by Node-RED in its user folder, beside the palette and the file for devices', async () => {
    const words = [...installing(packed('palette', work), work), forDevices, outsider];
    const install = async (cwd: string) => void execFileSync('npm', words, { cwd, stdio: 'pipe' });
    const nodeRed = await NodeRedProcess.start(
      NEWEST,
      [
        { id: 'tab', type: 'tab' },
        { id: 'up', z: 'tab', type: 'spikewire-sensor', address: 'uptime:system', interval: 0.1, wires: [['log']] },
        { id: 'log', z: 'tab', type: 'debug', active: true, console: true, complete: 'topic', targetType: 'msg' },
      ],
      install,
    );
    try {
      await nodeRed.says(/\[debug:log\] uptime:system/);
      const tested = (address: string) => nodeRed.post('/spikewire/device-test', { address });
      expect(await tested('pretended:0')).toMatchObject({ status: 200, text: stringWith('"name":"clocked"') });
      expect((await tested('pretended:1')).text).toContain('pretended:1: is not attached; expected pretended:0');
    } finally {
      await nodeRed.close();
    }
  });

  it('is found from any folder', () => {
    const words = [join(place, 'node_modules/spikewire/bin/spikewire.js'), 'count-nodes', join(place, 'cell.json')];
    expect(node(words, tmpdir())).toMatchObject({ status: 0, stdout: '3 nodes\n' });
  });
});
