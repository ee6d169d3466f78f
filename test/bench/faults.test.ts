import { describe, expect, it } from 'vitest';

interface Row {
  readonly fault: string;
  readonly stream: string;
  readonly state: string;
  readonly found: Readonly<Record<string, { readonly delay: number; readonly reason?: string }>>;
}

describe('injected faults, the small table', { timeout: 240_000 }, () => {
  it('are all found, fresh and after twenty outliers, each with a reason, by the monitor that is for it', async () => {
    const suite = await import(new URL('faults.mjs', import.meta.url).href);
    const { rows, missed } = (await suite.run({ quick: true })) as { rows: Row[]; missed: Row[] };
    expect(rows).toHaveLength(9 * 2 * 2);
    expect(missed).toEqual([]);
    for (const [fault, monitor] of [
      ['spike', 'next-reading'],
      ['step', 'next-reading'],
      ['step', 'jump'],
      ['drift', 'drift'],
      ['stuck', 'stuck'],
      ['silent', 'silence'],
      ['amplitude ×3', 'spread'],
      ['dropouts 40 %', 'rate'],
    ] as const) {
      const found = rows.filter((row) => row.fault === fault).map((row) => row.found[monitor]?.reason);
      expect(found, fault).toEqual(found.map(() => expect.stringMatching(/\S/)));
    }
  });
});
