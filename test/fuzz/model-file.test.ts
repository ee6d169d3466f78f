import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MEMORY = fileURLToPath(new URL('./memory.mjs', import.meta.url));

/** What the readers may use beside the file: code, and the garbage of a small one. */
const CONSTANT = 4e6;
/** The tree of the JSON in a header of the largest size, in its worst form. */
const WORST_HEADER = 96e6;
interface Cost {
  readonly name: string;
  readonly bytes: number;
  readonly growth: number;
  readonly peak: number;
  /** Of texts: what reading them may take, by the bytes of the text alone. */
  readonly allowed: number;
  readonly end: string;
}

function memory(...cases: string[]): string {
  return execFileSync(process.execPath, ['--expose-gc', MEMORY, ...cases], { encoding: 'utf8' });
}

function costsOf(...cases: string[]): Cost[] {
  return memory(...cases)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('the readers of model files', () => {
  it.each(['large', 'large, not aligned'])('stay within twice the size of a file: %s', (name) => {
    const [cost] = costsOf(name);
    const { bytes, growth, peak, end } = cost!;
    expect(end).toBe('accepted');
    expect(bytes).toBeGreaterThan(19e6);
    expect(growth).toBeLessThan(2 * bytes + CONSTANT);
    expect(peak).toBeLessThan(bytes + CONSTANT);
  });

  const names: string[] = JSON.parse(memory());
  const claims = names.filter((name) => /^(claims|delays)/.test(name));
  const headers = names.filter((name) => !claims.includes(name) && !/^(large|text)/.test(name));

  it('allocate nothing for what a small file claims', () => {
    const costs = costsOf(...claims);
    expect(costs).toHaveLength(claims.length);
    for (const { name, growth, peak, end } of costs) {
      expect(end, name).toMatch(/^(file|budget): /);
      expect(growth, name).toBeLessThan(CONSTANT);
      expect(peak, name).toBeLessThan(CONSTANT);
    }
  });

  it.each(names.filter((name) => name.startsWith('text')))('take no more for a text than is counted: %s', (name) => {
    const { peak, allowed, end } = costsOf(name)[0]!;
    expect(end).toBe('accepted');
    expect(peak).toBeLessThan(allowed + CONSTANT);
  });

  // A loop in a loop over as much would not end within the time that a test has.
  it('come to an end with headers of the largest size', () => {
    const costs = costsOf(...headers);
    expect(costs).toHaveLength(headers.length);
    for (const { name, peak } of costs) expect(peak, name).toBeLessThan(WORST_HEADER);
  });
});
