import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ImportGraph } from './reach.mjs';
import { page, unexplained } from './report.mjs';
import { Results } from './results.mjs';
import { sitesOf } from './sites.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));

describe('sites', () => {
  const mutated = (text: string) => {
    const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.ES2022, true);
    return sitesOf(source).map(({ start, end, change }) => text.slice(0, start) + change + text.slice(end));
  };

  it.each([
    ['a - b', ['a + b', 'a', '-(b)']],
    ['-a', ['a']],
    ['a += b', ['a -= b']],
    ['a <= b', ['a < b']],
    ['a > b', ['a >= b']],
    ['a && b', ['a || b']],
    ['f(a, b, b)', ['f(b, a, b)']],
    ['a[i]![j]', ['a[j]![i]']],
    ['f(9, 0.5)', ['f(0.5, 9)', 'f(10, 0.5)', 'f(9, 0.55)']],
    ['100', ['110']],
  ])('of %s are %j', (text, mutations) => {
    expect(mutated(text)).toEqual(mutations);
  });

  it.each([
    ['types', 'let a: 1 | 2;'],
    ['comments', '// 1 < 2'],
    ['text', "'1 < 2'"],
    ['messages', 'throw new SpikewireError("input", a, b + 1)'],
    ['help', 'const option = { doc: help(1 + 2) }'],
    ['calls whose arguments commute', 'Math.max(a, b)'],
  ])('do not lie in %s', (_, text) => {
    expect(mutated(text)).toEqual([]);
  });
});

describe('the tests of a source', () => {
  const graph = new ImportGraph(ROOT);
  const tests = [
    ...[
      'test/conformance/kinds.test.ts',
      'models/src/coding/encoders/latency.test.ts',
      'models/src/file/sha256.test.ts',
    ],
    ...['models/src/coding/range.test.ts', 'engine/src/clocked/kernels/kernels.test.ts'],
  ];

  it('are those that reach it, the nearest first', () => {
    expect(graph.testsOf('models/src/coding/range.ts', tests).slice(0, 2)).toEqual([
      'models/src/coding/range.test.ts',
      'models/src/coding/encoders/latency.test.ts',
    ]);
    expect(graph.testsOf('models/src/coding/range.ts', tests)).not.toContain('models/src/file/sha256.test.ts');
  });

  it('reach kernels through what the build makes of them', () => {
    const [nearest] = graph.testsOf('engine/kernels/dense.ts', tests);
    expect(nearest).toBe('engine/src/clocked/kernels/kernels.test.ts');
  });
});

describe('results', () => {
  const place = { package: 'models', kind: 'sign', file: 'models/src/a.ts', line: 1, files: 1, of: 2, seconds: 3 };
  const killed = { ...place, number: 0, before: 'a + b', after: 'a - b', outcome: 'killed', by: 'a.test.ts > adds' };
  const survivor = { ...place, number: 1, before: 'c + d', after: 'c - d', outcome: 'survived' };

  it('continue where they were interrupted, and the later of two judgements counts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-results-'));
    try {
      const path = join(folder, 'results.jsonl');
      const first = new Results(path, { seed: 1, commit: 'Add' }, false);
      for (const judged of [survivor, killed]) first.add(judged);
      const resumed = new Results(path, { seed: 1, commit: 'Later' }, true);
      expect(resumed.all).toEqual([killed, survivor]);
      expect(resumed.drawn.commit).toBe('Add');
      resumed.add({ ...survivor, outcome: 'killed' });
      expect(new Results(path, { seed: 1, commit: 'Later' }, true).all[1]!.outcome).toBe('killed');
      expect(() => new Results(path, { seed: 2, commit: 'Later' }, true)).toThrow(
        /has seed 1 of all packages; expected/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('count what survives without a reason', () => {
    const reason = { file: place.file, before: 'c + d', after: 'c - d', reason: 'Equivalent because d is 0.' };
    const all = [killed, survivor];
    const reasons = (verdict: 'equivalent' | 'tested' | 'open') => [{ ...reason, verdict }];
    expect(unexplained(all, [])).toEqual([survivor]);
    expect(unexplained(all, reasons('equivalent'))).toEqual([]);
    expect(unexplained(all, reasons('open'))).toEqual([survivor]);
    // A test that was added must also kill.
    expect(unexplained(all, reasons('tested'))).toEqual([survivor]);
    const text = page({ drawn: { seed: 1, commit: 'Add' }, all }, reasons('equivalent'));
    expect(text.replaceAll('\n', ' ')).toContain('0 of them (0.0 %) survive without a reason');
    expect(text).toMatch(/\| models +\| 2 +\| 1 +\| 0 +\| 1 +\| 0 +\| 0 +\| 0 +\|/);
  });
});

describe('the command', () => {
  it('kills mutations that tests notice, and lets survive what has no effect', () => {
    const file = 'models/src/coding/range.ts';
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
    const line = lines.indexOf('    return unit < 0 ? 0 : 1;') + 1;
    expect(line).toBeGreaterThan(0);
    const words = ['--package', 'models', '--at', `${file}:${line}`, '--seconds', '1', '--json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const judged = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(judged.map(({ after, outcome, by }) => [after, outcome, by?.split(' > ')[0]])).toEqual([
      ['return unit <= 0 ? 0 : 1;', 'survived', undefined],
      ['return unit < 1 ? 0 : 1;', 'survived', undefined],
      ['return unit < 0 ? 1 : 1;', 'killed', 'models/src/coding/range.test.ts'],
      ['return unit < 0 ? 0 : 2;', 'killed', 'models/src/coding/range.test.ts'],
    ]);
    // Both survivors have a reason.
    expect(status).toBe(0);
    expect(readFileSync(join(ROOT, file), 'utf8').split('\n')).toEqual(lines);
  });
});
