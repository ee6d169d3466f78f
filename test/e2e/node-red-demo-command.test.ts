import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { needs } from '../services.ts';
import { startBrowser } from './browser.ts';
import { killAll, type RunningCommand, runCommand, startCommand } from './command.ts';
import { importWithout } from './module-hooks.ts';

/** Readings of the eight motes up to which nothing is scored. */
const UNSCORED = 8 * 401;
const FAST = ['demo', '--node-red', '--seconds', '0', '--json', '--port', '0'];
/** Past the warm-up. */
const UNDER_WAY = / ([5-9]\d\d|\d{4})\/5041 readings/;

interface Summary {
  readonly complete: boolean;
  readonly resumedAt: number;
  readonly notScored: number;
  readonly sensitivity: number;
  readonly learning: { readonly score: { readonly readings: number } };
  readonly latencyMs: { readonly answers: number };
}

let folder: string;
const running: RunningCommand[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-flow-'));
});

afterEach(() => void vi.unstubAllEnvs());
afterAll(async () => {
  await killAll(running);
  while ((await nodeReds(folder)).length > 0) await delay(50);
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

function addressOf(command: RunningCommand): string {
  return /flow (http:\S+\/),/.exec(command.stderr())![1]!;
}

/** The Node-REDs that work in a folder below this one; their command line says no more than their name. */
async function nodeReds(below: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((_, k) => folders[k]!.startsWith(below) && folders[k]!.endsWith('/node-red'));
}

describe('spikewire demo --node-red', { timeout: 400_000 }, () => {
  it('gives the very scores of the demo without Node-RED, from what the flow publishes', async () => {
    const flow = await summaryOf(start([...FAST, '--store', 'full']));
    const here = await summaryOf(start(['demo', '--seconds', '0', '--json', '--port', '0', '--store', 'full']));
    expect(flow).toMatchObject({ complete: true, resumedAt: 0, notScored: 0, sensitivity: 6 });
    expect(flow.learning.score).toEqual(here.learning.score);

    const again = start([...FAST, '--store', 'full', '--sensitivity', '7']);
    await again.says(/the last run was complete: starting again/);
    await again.says(/\d+\/5041 readings/);
    again.process.kill('SIGINT');
    expect(await summaryOf(again)).toMatchObject({ complete: false, resumedAt: 0, sensitivity: 7 });
  });

  it('killed with SIGKILL, leaves no Node-RED behind and goes on from what that had saved', async () => {
    const words = [...FAST, '--store', 'killed'];
    const first = start(words);
    await first.says(UNDER_WAY);
    const second = await runCommand(words, folder);
    expect(second.code).toBe(1);
    expect(second.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^spikewire: store .*${first.process.pid}`)),
    ]);
    expect(await nodeReds(join(folder, 'killed'))).toHaveLength(1);
    first.process.kill('SIGKILL');
    await first.ended;
    await expect.poll(() => nodeReds(join(folder, 'killed')), { timeout: 10_000 }).toEqual([]);

    const flowKilled = start(words);
    await flowKilled.says(/resumed what was learned from \d+ readings/);
    await flowKilled.says(/\d+\/5041 readings/);
    for (const pid of await nodeReds(join(folder, 'killed'))) process.kill(pid, 'SIGKILL');
    expect(await flowKilled.ended).toBe(1);
    expect(flowKilled.stderr().trim().split('\n').at(-1)).toBe(
      'spikewire: demo: stopped: Node-RED ended (SIGKILL); expected an answer to every reading; start it again to continue',
    );

    const last = start(words);
    await last.says(UNDER_WAY);
    last.process.kill('SIGINT');
    const { resumedAt, notScored, complete, learning, latencyMs } = await summaryOf(last);
    expect(complete).toBe(false);
    expect(resumedAt).toBeGreaterThan(0);
    // No reading twice and none left out, but those that were under way when it was stopped.
    const unanswered = learning.score.readings + UNSCORED + notScored - resumedAt - latencyMs.answers;
    expect(unanswered).toBeGreaterThanOrEqual(0);
    expect(unanswered).toBeLessThanOrEqual(8 * 8);
  });

  it('goes on when somebody deploys the flow meanwhile', async () => {
    const command = start([...FAST, '--store', 'deployed']);
    await command.says(UNDER_WAY);
    const flows = new URL('flows', addressOf(command));
    const flow = await (await fetch(flows)).text();
    const headers = { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'full' };
    expect((await fetch(flows, { method: 'POST', headers, body: flow })).ok).toBe(true);
    const deployedAt = Number(/.* (\d+)\/5041/s.exec(command.stderr())![1]);
    await command.says(new RegExp(` ${Math.floor(deployedAt / 1000) + 1}\\d{3}/5041 readings`));
    command.process.kill('SIGINT');
    const { notScored, resumedAt, learning } = await summaryOf(command);
    expect(resumedAt).toBe(0);
    expect(learning.score.readings).toBeGreaterThan(8 * (deployedAt - 500));
    // What the flow was publishing at that moment, at most all that was under way.
    expect(notScored).toBeLessThanOrEqual(8 * 8);
  });

  it('is a flow that can be read, with a page', async (context) => {
    const chromium = needs(context, 'chromium');
    const command = start(['demo', '--node-red', '--seconds', '120', '--json', '--port', '0', '--store', 'seen']);
    await command.says(/flow http/);
    const browser = await startBrowser(chromium);
    try {
      const page = await browser.context.newPage();
      await page.goto(addressOf(command));
      await page.locator('#infer').waitFor();
      expect(await page.locator('#red-ui-workspace-chart').textContent()).toContain('Readings in, predictions out');
      // A triangle on a node whose settings are not valid.
      await expect.poll(() => page.locator('.red-ui-flow-node-error:visible').count()).toBe(0);
      await page.goto(new URL('motes', addressOf(command)).href);
      await expect.poll(() => page.locator('section').count()).toBe(8);
      await expect.poll(() => page.locator('section').first().textContent()).toMatch(/^single-hop mote 1.*°C/);
    } finally {
      await browser.close();
    }
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(0);
  });

  it('says what to install where there is no Node-RED', async () => {
    vi.stubEnv('NODE_OPTIONS', `--import ${importWithout('node-red')}`);
    const { code, stderr } = await runCommand([...FAST, '--store', 'none'], folder);
    expect(stderr.trim().split('\n').at(-1)).toBe(
      'spikewire: Node-RED: is not installed; expected npm install node-red',
    );
    expect(code).toBe(1);
  });

  it.each([
    [['--seed', '2'], 2, /^spikewire demo --seed: is not for --node-red; expected one of them, not both$/],
    [['--mqtt', 'mqtt://127.0.0.1:1', '--store', 'bad'], 1, /^spikewire: broker .*127\.0\.0\.1:1.*refused/],
    [['--store', 'file'], 1, /^spikewire: store .*file/],
  ])('%j ends with one line', async (words, code, line) => {
    await writeFile(join(folder, 'file'), '');
    const ended = await runCommand([...FAST, ...words], folder);
    expect(ended.stderr.trim().split('\n')).toEqual([expect.stringMatching(line)]);
    expect(ended).toMatchObject({ code, stdout: '' });
  });
});
