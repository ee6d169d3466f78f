import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { packages } from '../../scripts/build/typescript.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RULES = fileURLToPath(new URL('../../.dependency-cruiser.mjs', import.meta.url));
const CRUISER = fileURLToPath(new URL('../../node_modules/.bin/depcruise', import.meta.url));
const PACKAGES: Record<string, { name: string; dependencies: string[] }> = {
  models: { name: '@spikewire/models', dependencies: [] },
  engine: { name: '@spikewire/engine', dependencies: ['@spikewire/models'] },
  runtime: { name: 'spikewire', dependencies: ['@spikewire/engine', '@spikewire/models', 'mqtt'] },
  exchange: { name: '@spikewire/exchange', dependencies: ['@spikewire/models'] },
  trainer: {
    name: '@spikewire/trainer',
    dependencies: ['@spikewire/exchange', '@spikewire/engine', '@spikewire/models', 'spikewire'],
  },
  nodes: { name: '@spikewire/node-red-spikewire', dependencies: ['@spikewire/models', 'spikewire'] },
  devices: { name: '@spikewire/devices', dependencies: ['@spikewire/models', 'spikewire'] },
  fleet: { name: '@spikewire/fleet', dependencies: ['@spikewire/models', 'spikewire'] },
  demo: { name: '@spikewire/demo', dependencies: ['@spikewire/node-red-spikewire', 'spikewire', 'aedes'] },
  studies: { name: '@spikewire/studies', dependencies: ['@spikewire/trainer', '@spikewire/test'] },
};

/** A house in small that keeps every rule: what each file imports, `type x` for the types of x alone. */
const LAWFUL: Record<string, string[]> = {
  'models/src/index.ts': ['./graph/graph.ts', './resolve/resolve.ts', './features/spectrum/fourier.ts'],
  'models/src/graph/graph.ts': ['../error.ts'],
  'models/src/resolve/resolve.ts': ['../graph/graph.ts'],
  'models/src/error.ts': [],
  'models/src/features/spectrum/fourier.ts': ['fft.js'],
  'models/src/graph/graph.test.ts': ['./graph.ts', 'vitest', 'node:fs'],
  'engine/src/index.ts': ['./clocked/clocked.ts', './coding/coding.ts', './data/windows.ts', '@spikewire/models'],
  'engine/src/clocked/clocked.ts': ['@spikewire/models', '../learn/learn.ts'],
  'engine/src/learn/learn.ts': ['@spikewire/models'],
  'engine/src/coding/coding.ts': ['../clocked/clocked.ts'],
  'engine/src/data/windows.ts': ['../coding/coding.ts'],
  'engine/src/clocked/clocked.test.ts': ['./clocked.ts', '../coding/coding.ts', 'vitest', 'node:fs'],
  'runtime/src/index.ts': ['@spikewire/engine', './store/store.ts', './mqtt/link/link.ts', '@spikewire/models'],
  'runtime/src/store/store.ts': ['node:fs'],
  'runtime/src/mqtt/link/link.ts': ['mqtt', './connection.ts', '@spikewire/engine'],
  'runtime/src/mqtt/link/connection.ts': ['type mqtt'],
  'runtime/src/dashboard/page.ts': ['../mqtt/link/link.ts'],
  'runtime/src/cli/main.ts': ['../index.ts', '../dashboard/page.ts'],
  'exchange/src/index.ts': ['@spikewire/models'],
  'trainer/src/index.ts': [
    './conversion/convert.ts',
    'spikewire',
    '@spikewire/engine',
    '@spikewire/models',
    '@spikewire/exchange',
  ],
  'trainer/src/conversion/convert.ts': ['@spikewire/engine', '@spikewire/models'],
  'nodes/src/index.ts': ['spikewire'],
  'devices/src/index.ts': ['spikewire', '@spikewire/models'],
  'fleet/src/index.ts': ['spikewire', '@spikewire/models'],
  'demo/src/commands.ts': ['spikewire', '@spikewire/node-red-spikewire', 'aedes'],
  'studies/src/study.mjs': ['./streams.mjs'],
  'studies/src/streams.mjs': ['@spikewire/trainer', '@spikewire/test/bench/interleave.mjs'],
  'test/bench/interleave.mjs': [],
  'test/e2e/whole.test.ts': ['spikewire', '@spikewire/trainer', '../../engine/src/clocked/clocked.ts', 'vitest'],
};

/** One added import each, and the rule that must refuse it. */
const UNLAWFUL: [rule: string, file: string, imports: string[]][] = [
  ['models-sees-only-lower-layers', 'models/src/graph/upward.ts', ['spikewire']],
  ['engine-sees-only-lower-layers', 'engine/src/learn/upward.ts', ['spikewire']],
  ['runtime-sees-only-lower-layers', 'runtime/src/cli/upward.ts', ['@spikewire/trainer']],
  ['runtime-sees-only-lower-layers', 'runtime/src/cli/upward-by-path.ts', ['../../../devices/src/index.ts']],
  ['runtime-sees-only-lower-layers', 'runtime/src/cli/reads-foreign.ts', ['@spikewire/exchange']],
  ['exchange-sees-only-lower-layers', 'exchange/src/upward.ts', ['@spikewire/trainer']],
  ['exchange-sees-only-lower-layers', 'exchange/src/streams.ts', ['spikewire']],
  ['trainer-sees-only-lower-layers', 'trainer/src/sideways.ts', ['@spikewire/devices']],
  ['nodes-sees-only-lower-layers', 'nodes/src/sideways.ts', ['@spikewire/trainer']],
  ['devices-sees-only-lower-layers', 'devices/src/sideways.ts', ['@spikewire/node-red-spikewire']],
  ['fleet-sees-only-lower-layers', 'fleet/src/sideways.ts', ['@spikewire/devices']],
  ['runtime-sees-only-lower-layers', 'runtime/src/cli/plays.ts', ['@spikewire/demo']],
  ['nodes-sees-only-lower-layers', 'nodes/src/plays.ts', ['@spikewire/demo']],
  ['demo-sees-only-lower-layers', 'demo/src/sideways.ts', ['@spikewire/trainer']],
  ['trainer-sees-only-lower-layers', 'trainer/src/studies.ts', ['@spikewire/studies']],
  ['studies-sees-only-lower-layers', 'studies/src/plays.mjs', ['@spikewire/demo']],
  ['packages-are-imported-by-name', 'engine/src/clocked/into-source.ts', ['../../../models/src/graph/graph.ts']],
  ['packages-are-imported-by-name', 'trainer/src/into-output.ts', ['../../runtime/dist/index.js']],
  ['imports-resolve', 'trainer/src/past-exports.ts', ['spikewire/dist/index.js']],
  ['page-runs-in-the-browser', 'runtime/src/dashboard/page/said.ts', ['../../store/store.ts']],
  ['page-runs-in-the-browser', 'fleet/src/controller/page/said.ts', ['../../index.ts']],
  ['no-cycle', 'models/src/graph/snake.ts', ['./snake.ts']],
  ['models-is-pure', 'models/src/graph/reads.ts', ['node:fs']],
  ['models-is-pure', 'models/src/graph/hashes.ts', ['node:crypto']],
  ['models-is-pure', 'models/src/graph/depends.ts', ['mqtt']],
  ['engine-is-pure', 'engine/src/clocked/reads.ts', ['node:fs']],
  ['engine-is-pure', 'engine/src/executor/waits.ts', ['node:timers/promises']],
  ['engine-is-pure', 'engine/src/executor/depends.ts', ['mqtt']],
  ['engines-do-not-see-who-uses-them', 'engine/src/learn/encodes.ts', ['../coding/coding.ts']],
  ['engines-do-not-see-who-uses-them', 'engine/src/event/samples.ts', ['../data/windows.ts']],
  ['training-and-conversion-do-not-see-the-runtime', 'trainer/src/conversion/runs.ts', ['spikewire']],
  ['training-and-conversion-do-not-see-the-runtime', 'trainer/src/training/types.ts', ['type spikewire']],
  ['a-graph-does-not-see-what-resolves-it', 'models/src/neurons/resolves.ts', ['../resolve/resolve.ts']],
  ['mqtt-stays-at-its-link', 'runtime/src/mqtt/second-link.ts', ['mqtt']],
  ['mqtt-stays-at-its-link', 'runtime/src/mqtt/both.ts', ['type mqtt', 'mqtt']],
  ['mqtt-stays-at-its-link', 'devices/src/talks.ts', ['mqtt']],
  ['store-does-not-see-its-surroundings', 'runtime/src/store/prints.ts', ['../cli/main.ts']],
  ['source-does-not-import-tests', 'models/src/graph/uses-test.ts', ['./graph.test.ts']],
  ['source-imports-only-what-its-package-declares', 'engine/src/clocked/undeclared.ts', ['vitest']],
  ['imports-resolve', 'nodes/src/missing.ts', ['./nowhere.ts']],
  ['no-unused-module', 'engine/src/clocked/left-over.ts', []],
  ['no-unused-module', 'engine/src/clocked/only-tested.ts', ['node:path']],
];

describe('dependency rules', () => {
  const trees: string[] = [];
  afterEach(() => {
    for (const tree of trees.splice(0)) rmSync(tree, { recursive: true });
  });

  function cruise(files: Record<string, string[]>): { rules: string[]; violations: { rule: string; file: string }[] } {
    const tree = mkdtempSync(join(tmpdir(), 'spikewire-rules-'));
    trees.push(tree);
    layOut(tree, files);
    const run = spawnSync(
      process.execPath,
      [CRUISER, '--config', RULES, '--output-type', 'json', ...Object.keys(PACKAGES), 'test'],
      { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    const { summary } = JSON.parse(run.stdout);
    return {
      rules: summary.ruleSetUsed.forbidden.map(({ name }: { name: string }) => name),
      violations: summary.violations.map((violation: { from: string; rule: { name: string } }) => ({
        rule: violation.rule.name,
        file: violation.from,
      })),
    };
  }

  it('name every package', () => {
    expect(Object.keys(PACKAGES).sort()).toEqual([...packages(ROOT), 'studies'].sort());
  });

  it('let a lawful house pass', () => {
    expect(cruise(LAWFUL).violations).toEqual([]);
  });

  it('refuse every unlawful import, and only those; no rule is there that refuses nothing', () => {
    const files = { ...LAWFUL };
    for (const [, file, imports] of UNLAWFUL) files[file] = imports;
    files['engine/src/clocked/only-tested.test.ts'] = ['./only-tested.ts'];
    const { rules, violations } = cruise(files);
    for (const [rule, file] of UNLAWFUL) expect(violations).toContainEqual({ rule, file });
    const offenders = new Set(UNLAWFUL.map(([, file]) => file));
    expect(violations.filter(({ file }) => !offenders.has(file))).toEqual([]);
    expect(new Set(UNLAWFUL.map(([rule]) => rule))).toEqual(new Set(rules));
  });
});

function layOut(tree: string, files: Record<string, string[]>): void {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  };
  write('package.json', JSON.stringify({ private: true, type: 'module', workspaces: Object.keys(PACKAGES) }));
  for (const name of ['mqtt', 'aedes', 'vitest', 'fft.js']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  const versions = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  for (const [folder, { name, dependencies }] of Object.entries(PACKAGES)) {
    const exports = { '.': './dist/index.js' };
    write(
      `${folder}/package.json`,
      JSON.stringify({ name, type: 'module', exports, dependencies: versions(dependencies) }),
    );
    write(`${folder}/dist/index.js`, '');
    const link = join(tree, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(tree, folder), link);
  }
  write('test/package.json', JSON.stringify({ name: '@spikewire/test', type: 'module' }));
  symlinkSync(join(tree, 'test'), join(tree, 'node_modules', '@spikewire', 'test'));
  for (const [path, imports] of Object.entries(files)) {
    write(path, imports.map(statement).join(''));
  }
}

function statement(name: string, index: number): string {
  const [, type = '', module] = /^(type )?(.*)$/.exec(name)!;
  return `import ${type}* as _${index} from '${module}';\n`;
}
