import { describe, expect, it } from 'vitest';
import { Audit } from './audit.ts';

function open(rate = { burst: 3, interval: 1000 }) {
  const clock = { now: 0 };
  const lines: string[] = [];
  return {
    clock,
    lines,
    audit: new Audit(
      (line) => lines.push(line),
      () => clock.now,
      rate,
    ),
  };
}

describe('an audit', () => {
  it('lets a burst through, then one line in an interval, and accounts for every line', () => {
    const { audit, clock, lines } = open();
    const said = 10_000;
    for (let k = 0; k < said; k++) {
      clock.now = k * 10;
      audit.say('bad', 'x');
    }
    audit.close();
    expect(lines.length).toBeLessThanOrEqual(3 + (said * 10) / 1000 + 1);
    const leftOut = lines.map((line) => Number(/(\d+) more/.exec(line)?.[1] ?? 0)).reduce((sum, count) => sum + count);
    const shown = lines.filter((line) => line.startsWith('x')).length;
    expect(shown + leftOut).toBe(said);
  });

  it('does not let lines of one kind hide one of another', () => {
    const { audit, lines } = open();
    for (let k = 0; k < 100; k++) audit.say('bad', 'x');
    audit.say('reset', 'house/air: reset');
    expect(lines.at(-1)).toBe('house/air: reset');
  });

  it('says a name from outside without what steers a terminal, in little room', () => {
    const { audit, lines } = open();
    audit.say('bad', `a\u001b[2J\u009b31m\u202eb\r\nc ${'x'.repeat(1e6)}`);
    expect(lines[0]).toMatch(/^a\\u001b\[2J\\u009b31m\\u202eb c x+…x+$/);
    expect(lines[0]!.length).toBeLessThan(1000);
  });
});
