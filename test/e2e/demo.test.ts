import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../services.ts';
import { killAll, type RunningCommand, runCommand, startCommand } from './command.ts';
import { startMosquitto } from './mosquitto.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * All readings of the eight motes, and the place up to which no detector is scored: 300 for the ranges, 100 for the
 * error's, one to predict from.
 */
const READINGS = 37_674;
const SCORED = READINGS - 8 * 401;
const FAST = ['demo', '--seconds', '0', '--json', '--port', '0'];

interface Score {
  readonly found: number;
  readonly flagged: number;
  readonly falseEpisodes: number;
  readonly readings: number;
  readonly temperatureError: number;
  readonly quietAfter: number | null;
}
interface Compared {
  readonly name: string;
  readonly score: Score;
}
interface Summary {
  readonly complete: boolean;
  readonly resumedAt: number;
  readonly learning: Compared;
  readonly frozen?: Compared;
  readonly baselines?: readonly Compared[];
  readonly sensitivity: number;
  readonly holdOff: number;
  readonly messages: { received: number; bad: number; published: number; dropped: number };
  readonly latencyMs: { p50: number; p99: number; answers: number };
}

let folder: string;
let running: RunningCommand[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-demo-'));
});

afterAll(async () => {
  await killAll(running);
  running = [];
  await rm(folder, { recursive: true });
});

function start(words: readonly string[]): RunningCommand {
  const command = startCommand(words, folder);
  running.push(command);
  return command;
}

async function summaryOf(command: RunningCommand): Promise<Summary> {
  expect(await command.ended, command.stderr()).toBe(0);
  // One document and nothing else.
  return JSON.parse(command.stdout());
}

const scoresOf = ({ learning, frozen, baselines }: Summary) => ({ learning, frozen, baselines });

describe('spikewire demo', { timeout: 400_000 }, () => {
  let undisturbed: Summary;

  it('shows what learning does: all events, few flags, and a moved sensor that becomes quiet', async () => {
    undisturbed = await summaryOf(start([...FAST, '--store', 'undisturbed']));
    const { learning, frozen, baselines, messages } = undisturbed;
    expect(undisturbed).toMatchObject({ complete: true, resumedAt: 0, sensitivity: 6, holdOff: 60 });
    expect(messages).toEqual({ received: READINGS, bad: 0, published: READINGS, dropped: 0 });
    expect(undisturbed.latencyMs.answers).toBe(READINGS);
    expect(learning.score).toMatchObject({ found: 4, readings: SCORED, quietAfter: expect.any(Number) });
    expect(frozen!.score).toMatchObject({ readings: SCORED, quietAfter: null });
    expect(frozen!.score.flagged).toBeGreaterThan(50 * learning.score.flagged);
    expect(frozen!.score.temperatureError).toBeGreaterThan(5 * learning.score.temperatureError);
    // What its text says of others: the last reading predicts better, and a wide z-score detects as well.
    expect(baselines!.find(({ name }) => name.startsWith('last reading'))!.score.temperatureError).toBeLessThan(
      learning.score.temperatureError,
    );
    expect(baselines!.find(({ name }) => name.includes('best'))!.score).toMatchObject({ found: 4 });
  });

  it('killed with SIGKILL, resumes what it had learned and ends with the very scores of an undisturbed run', async () => {
    const words = [...FAST, '--store', 'killed'];
    let answered = 0;
    for (const progress of [/ (1[5-9]|2\d)\d\d\/5041 readings/, / (3[5-9]|4\d)\d\d\/5041 readings/]) {
      // Slow enough that a line of progress, one a second, falls into each of these ranges.
      const killed = start([...words, '--seconds', '9']);
      await killed.says(progress);
      killed.process.kill('SIGKILL');
      expect(await killed.ended).toBe(null);
      answered = 8 * Number(/.* (\d+)\/5041/s.exec(killed.stderr())![1]);
    }
    const summary = await summaryOf(start(words));
    expect(summary.complete).toBe(true);
    expect(summary.resumedAt).toBeGreaterThan(answered / 2);
    expect(summary.resumedAt).toBeLessThan(READINGS);
    // What came after the last save is replayed, no reading twice and none left out.
    expect(summary.messages.received).toBe(READINGS - summary.resumedAt);
    expect(scoresOf(summary)).toEqual(scoresOf(undisturbed));
  });

  it('starts anew after a complete run, leaves what is not its own alone, and Ctrl-C ends it with a summary', async () => {
    await writeFile(join(folder, 'killed', 'mine.txt'), 'not of the demo');
    const command = start([...FAST, '--store', 'killed', '--sensitivity', '7', '--hold-off', '30']);
    await command.says(/the last run was complete: starting again/);
    await command.says(/ [5-9]\d\d\/5041 readings|\d{4}\/5041 readings/);
    command.process.kill('SIGINT');
    const summary = await summaryOf(command);
    expect(summary).toMatchObject({ complete: false, resumedAt: 0, sensitivity: 7, holdOff: 30 });
    expect(summary.frozen).toBeUndefined();
    expect(summary.learning.score.readings).toBeLessThan(SCORED);
    expect(await readFile(join(folder, 'killed', 'mine.txt'), 'utf8')).toBe('not of the demo');

    const again = start(['demo', '--seconds', '0', '--port', '0', '--store', 'killed']);
    await again.says(new RegExp(`resumed what was learned from ${summary.messages.received} readings`));
    again.process.kill('SIGINT');
    expect(await again.ended).toBe(0);
    expect(again.stdout()).toContain('The replay was stopped. Start the demo again and it continues');
  });

  it('a second one on the same store gets one clear line', async () => {
    const first = start([...FAST, '--seconds', '600', '--store', 'shared']);
    await first.says(/broker mqtt/);
    const second = await runCommand([...FAST, '--store', 'shared'], folder);
    expect(second.code).toBe(1);
    expect(second.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^spikewire: store .*${first.process.pid}`)),
    ]);
    first.process.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  });

  it('runs through a broker of its own choice', async (context) => {
    needs(context, 'mosquitto');
    const broker = (await startMosquitto())!;
    try {
      const command = start([...FAST, '--mqtt', broker.url, '--store', 'mosquitto']);
      await command.says(/ [5-9]\d\d\/5041 readings|\d{4}\/5041 readings/);
      command.process.kill('SIGINT');
      expect((await summaryOf(command)).messages).toMatchObject({ bad: 0, dropped: 0 });
    } finally {
      await broker.close();
    }
  });

  it.each([
    [['--mqtt', 'mqtt://127.0.0.1:1'], 1, /^spikewire: broker .*127\.0\.0\.1:1.*refused/],
    [['--device', 'steam'], 2, /^spikewire: engine "steam": does not exist; expected /],
    [['--sensitivity', 'high'], 2, /^spikewire demo --sensitivity: is "high"; expected a number/],
    [['--store', 'file'], 1, /^spikewire: store .*file/],
  ])('%j ends with one line', async (words, code, line) => {
    await mkdir(join(folder, 'bad'), { recursive: true });
    await writeFile(join(folder, 'file'), '');
    const ended = await runCommand(
      [...FAST, ...(words.includes('--store') ? [] : ['--store', 'bad']), ...words],
      folder,
    );
    expect(ended.stderr.trim().split('\n')).toEqual([expect.stringMatching(line)]);
    expect(ended).toMatchObject({ code, stdout: '' });
  });

  it('says what to install where its package is not there', async () => {
    // The runtime with what it depends on, and nothing else.
    const runtime = join(folder, 'alone/node_modules/spikewire');
    for (const part of ['bin', 'dist', 'package.json'])
      await cp(join(ROOT, 'runtime', part), join(runtime, part), { recursive: true });
    await mkdir(join(folder, 'alone/node_modules/@spikewire'));
    await symlink(join(ROOT, 'models'), join(folder, 'alone/node_modules/@spikewire/models'));
    const { status, stderr } = spawnSync(process.execPath, [join(runtime, 'bin/spikewire.js'), ...FAST], {
      ...{ cwd: folder, encoding: 'utf8' },
    });
    expect(stderr.trim()).toBe(
      'spikewire demo: is not installed on this device; expected npm run demo in the source code of spikewire',
    );
    expect(status).toBe(2);
  });
});
