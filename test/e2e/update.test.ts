import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { classifierModel, RandomGenerator, writeModel } from '@spikewire/models';
import { Agent, type AgentOptions } from 'spikewire/agent';
import { Host } from 'spikewire/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/*
 * A device with a real host, which follows a real repository: its base is replaced by better ones, tried beside the
 * present one and judged by labels, and what it has learned goes along.
 */
const CLI = resolve('runtime/bin/spikewire.js');
const run = promisify(execFile);
const LABELS = ['idle', 'load', 'worn'];
const CHANNELS = ['vibration', 'current', 'temperature'].map((name) => ({ name, unit: '' }));
const MEANS = [
  [-1, 0, 0.5],
  [1, 0, 0],
  [0, 1.5, -0.5],
];
const RULES = { lookEverySeconds: 3600, decideEverySeconds: 0.02, probationReadings: 200, probationSeconds: 0 };

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-update-'));
  await fleet('init', at('site'), '--keys', at('keys'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fleet = (...words: string[]) => run(process.execPath, [CLI, 'fleet', ...words]);

async function publish(bytes: Uint8Array): Promise<void> {
  await writeFile(at('pump.spike'), bytes);
  const ways = ['--learned', 'carry,rebase'];
  await fleet('publish', at('pump.spike'), '--to', at('site'), '--keys', at('keys'), ...ways);
}

/** A classifier whose front has so many random neurons. */
function base(seed: number, neurons = 24): Uint8Array {
  const standardise = { mean: [0, 0, 0], deviation: [1, 1, 1] };
  const options = { channels: CHANNELS, labels: LABELS, standardise, running: false, neurons, seed };
  return writeModel(classifierModel(options));
}

/** The machine's readings, and what it did. */
class Machine {
  readonly #random = new RandomGenerator(1, 'machine');
  #time = 0;

  next() {
    const state = this.#random.nextInteger(3);
    const values = Float64Array.from(MEANS[state]!, (mean) => mean + 0.5 * this.#random.nextNormal());
    this.#time += 1000;
    return { reading: { time: this.#time, values }, label: LABELS[state]! };
  }
}

/** A device, from its start to its end. */
class Device {
  readonly agent: Agent;
  readonly host: Host;
  readonly lines: string[];
  readonly #machine: Machine;

  static async start(given: Uint8Array, machine: Machine, options: Partial<AgentOptions> = {}): Promise<Device> {
    const lines: string[] = [];
    const agent = await Agent.open({
      ...{ folder: at('update'), repository: at('site'), root: await readFile(at('site', 'metadata', '1.root.json')) },
      wish: { model: 'pump', channel: 'stable', groups: [] },
      given: { bytes: given, name: 'pump.spike' },
      ...{ version: '0.2.0', rules: RULES, say: (line) => lines.push(line), warn: (line) => lines.push(line) },
      ...options,
    });
    const configuration = {
      net: '',
      learning: true,
      store: { directory: at('learned') },
      device: 'reference',
      threads: 0,
    };
    const host = await Host.open(agent!.base!, configuration, { onNewModel: agent!.onNewModel });
    await agent!.begin(host);
    return new Device(agent!, host, lines, machine);
  }

  private constructor(agent: Agent, host: Host, lines: string[], machine: Machine) {
    [this.agent, this.host, this.lines, this.#machine] = [agent, host, lines, machine];
  }

  /** Feeds readings, each with its label, and returns the share of right answers. */
  async live(readings: number): Promise<number> {
    let right = 0;
    for (let k = 0; k < readings; k++) {
      const { reading, label } = this.#machine.next();
      await nextTurn(); // a reading comes from outside
      const { result } = await this.host.desk.feed('', reading);
      if (result === label) right++;
      await this.host.desk.teach('', { kind: 'label', label, time: reading.time });
    }
    return right / readings;
  }

  /** Lives until something is so; expects that this happens. */
  async liveUntil(isSo: () => boolean, most = 6000): Promise<void> {
    for (let k = 0; k < most && !isSo(); k += 10) await this.live(10);
    expect(isSo(), `${JSON.stringify(this.agent.status)} ${this.lines.join('\n')}`).toBe(true);
  }

  async end(): Promise<void> {
    await this.agent.close();
    await this.host.close();
  }
}

describe('a device that follows a repository', () => {
  it('takes a base that is as good with what it has learned, and refuses a worse one', {
    timeout: 120_000,
  }, async () => {
    const machine = new Machine();
    const device = await Device.start(base(1), machine);
    await device.live(200);
    const before = await device.live(200);
    await publish(base(2));
    device.agent.updater!.lookNow();
    await device.liveUntil(() => device.agent.entry.former !== null);
    expect(device.agent.entry.current!.carrying).toBe('carry');
    expect(device.lines.filter((line) => line.includes('cannot'))).toEqual([]); // to begin anew is no problem
    // It goes on with what it has learned, from the first answer.
    expect(await device.live(100)).toBeGreaterThan(before - 0.1);
    await device.liveUntil(() => device.agent.entry.state === 'idle');
    const { sha256 } = device.agent.entry.current!;

    await publish(base(3, 1));
    device.agent.updater!.lookNow();
    await device.liveUntil(() => device.agent.entry.refused.length > 0);
    expect(device.agent.entry).toMatchObject({ state: 'idle', current: { sha256 } });
    await device.end();

    const next = await Device.start(base(1), machine);
    expect(next.agent.entry.current!.sha256).toBe(sha256);
    expect(await next.live(100)).toBeGreaterThan(before - 0.1);
    await next.end();
  });
});
