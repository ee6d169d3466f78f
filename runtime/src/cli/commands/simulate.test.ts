import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseArguments } from '../arguments.ts';
import { openConsole } from '../console.ts';
import { command } from './simulate.ts';

const model = {
  nodes: {
    in: { type: 'Input', shape: [2] },
    fc: { type: 'Linear', weight: [[1, 1]] },
    cell: { type: 'IF', r: 1000, v_threshold: 1 },
    out: { type: 'Output', shape: [1] },
  },
  edges: [
    ['in', 'fc'],
    ['fc', 'cell'],
    ['cell', 'out'],
  ],
  semantics: { dt: 0.001, threshold: 'ge' },
};

describe('spikewire simulate', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulate-'));
    await writeFile(at('model.json'), JSON.stringify(model));
    await writeFile(
      at('in.json'),
      JSON.stringify({
        steps: 3,
        input: {
          in: [
            [0, 0],
            [2, 1],
          ],
        },
      }),
    );
    await writeFile(at('in.csv'), 'a,b\n1,0\n0,0\n0,1\n');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** What the command writes to stdout. */
  async function run(words: readonly string[], signal = new AbortController().signal): Promise<string> {
    const args = parseArguments(command, [at('model.json'), ...words]);
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    await command.run(
      args,
      openConsole(args.flag('json'), {
        stdout,
        stderr,
        signal,
        endedBySignals: (work) => work(),
        onHangUp: () => {},
        now: () => 0,
      }),
    );
    return String(stdout.read());
  }

  it.each(['in.json', 'in.csv'])('prints what the net does with %s', async (input) => {
    const { spikes, traces } = JSON.parse(await run(['--input', at(input), '--record', 'spikes,v', '--json']));
    expect(spikes).toEqual({
      cell: [
        [0, 0],
        [2, 0],
      ],
      out: [
        [0, 0],
        [2, 0],
      ],
    });
    expect(traces).toEqual({ cell: { v: [[0], [0], [0]] } });
  });

  it('writes it to a file and prints a line', async () => {
    expect(await run(['--input', at('in.json'), '--out', at('out.json')])).toMatch(
      /out\.json: 3 steps, 2 spikes, 2 syn/,
    );
    expect(JSON.parse(await readFile(at('out.json'), 'utf8')).spikes.cell).toEqual([
      [0, 0],
      [2, 0],
    ]);
  });

  describe('on what an event camera saw', () => {
    // N-MNIST: x, y, polarity and 23 bits of microseconds; events at 0.4, 0.6 and 2.5 ms.
    const event = (x: number, microseconds: number) => [x, 0, 128, microseconds >> 8, microseconds & 255];
    beforeEach(async () => {
      await writeFile(at('seen.bin'), Uint8Array.from([...event(0, 400), ...event(0, 600), ...event(1, 2500)]));
      const camera = {
        ...model,
        nodes: { ...model.nodes, in: { type: 'Input', shape: [1, 1, 2] }, flat: { type: 'Flatten' } },
      };
      const edges = [['in', 'flat'], ['flat', 'fc'], ...model.edges.slice(1)];
      await writeFile(at('model.json'), JSON.stringify({ ...camera, edges }));
    });

    it('runs in continuous time', async () => {
      const { seconds, spikes } = JSON.parse(await run(['--input', at('seen.bin')]));
      expect(seconds).toBeCloseTo(0.0035, 9);
      expect(spikes.cell.map(([time]: number[]) => time)).toEqual([0.0004, 0.0006, 0.0025]);
    });

    it.each(['reference', 'clocked', 'event'])('runs in steps of %s where that is asked for', async (engine) => {
      const words = ['--input', at('seen.bin'), '--device', engine];
      const { steps, spikes, traces } = JSON.parse(await run([...words, '--record', 'spikes,v', '--last', '2']));
      expect(steps).toBe(3);
      // Of the steps 1 and 2; both events of step 0 are before.
      expect(spikes.cell).toEqual([[2, 0]]);
      expect(traces.cell.v).toHaveLength(2);
      const whole = JSON.parse(await run([...words, '--learn']));
      expect(whole.spikes.cell).toEqual([
        [0, 0],
        [2, 0],
      ]);
    });

    it.each([['--learn'], ['--last', '2'], ['--record', 'v']])('refuses %s %s there', async (...words) => {
      await expect(run(['--input', at('seen.bin'), ...words])).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining(`${words[0]}`),
      });
    });
  });

  it.each([
    [[], 'usage', /--input is missing/],
    [['--input', 'in.txt'], 'usage', /in\.txt: has an unknown extension/],
    [['--input', 'missing.npy'], 'file', /missing\.npy: does not exist; expected an input file/],
    [['--input', 'model.json'], 'input', /input: has neither events nor rows/],
    [['--input', 'in.json', '--device', 'fast'], 'usage', /device "fast": is not an engine; expected one of reference/],
    [['--input', 'in.json', '--record', 'v:on'], 'input', /record of node "on": finds no such node; expected one of /],
    [['--input', 'in.json', '--record', 'v:in'], 'input', /record of node "in": finds no v; expected one of cell/],
  ])('refuses %j with code %s', async (words, code, message) => {
    const placed = words.map((word) => (/\.\w+$/.test(word) ? at(word) : word));
    await expect(run(placed)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('says of neither file that a person has stopped it', async () => {
    await writeFile(at('long.json'), JSON.stringify({ steps: 2 ** 30, input: { in: [[0, 0]] } }));
    await expect(run(['--input', at('long.json'), '--record', 'spikes'], AbortSignal.abort())).rejects.toThrow(
      /^simulation: was stopped after \d+ of 1073741824 steps/,
    );
  });
});
