import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startMosquitto } from '../e2e/mosquitto.ts';
import { MemoryCard } from './memory-card.ts';
import { publishUpdate } from './published-update.ts';
import { type SeenUpdate, TOPICS, updateByMqtt } from './update-by-mqtt.ts';

const PACK = fileURLToPath(new URL('../../scripts/pack.mjs', import.meta.url));
const CONTROL = '/sys/fs/cgroup/memory';

export interface SmallDeviceOptions {
  readonly megabytes: number;
  readonly threads: number;
  /** Of node, in one text. */
  readonly flags?: string | undefined;
  readonly rate: number;
  readonly trial: number;
  readonly probation: number;
  readonly patience: number;
  readonly seed: number;
}

export interface SmallDevice extends SeenUpdate {
  /** Of the control group, with the pages of files that it read; and of the process, at their highest. */
  readonly peakMB: number;
  readonly peakAnonymousMB: number;
  /** Times that a page was read from the disk. */
  readonly majorFaults: number;
  /** Times that the limit was hit and pages of files were given up. */
  readonly limitHits: number;
}

/**
 * Lets a device with so much memory update itself: the packed program in a control group of its own, with a private
 * node of which nothing is in memory yet, so that all that it needs counts. Undefined where this machine has no
 * mosquitto, or this user may not mount a file system and make control groups of version 1.
 */
export async function updateSmallDevice(options: SmallDeviceOptions): Promise<SmallDevice | undefined> {
  const group = await memoryGroup(options.megabytes);
  if (group === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-small-'));
  const card = MemoryCard.insert(folder);
  const broker = await startMosquitto();
  let child: ChildProcess | undefined;
  // A process that ends early leaves nothing that runs.
  const leave = () => {
    child?.kill('SIGKILL');
    void broker?.close();
    card?.remove();
    spawnSync('sh', ['-c', 'for k in 1 2 3 4 5 6 7 8 9; do rmdir "$0" && break; sleep 0.2; done', group]);
  };
  process.once('exit', leave);
  try {
    if (broker === undefined || card === undefined) return undefined;
    const update = await publishUpdate(folder);
    const [node, program] = await installed(folder, card.path);
    card.forgetFiles();
    const words = [
      'run',
      update.model,
      '--mqtt',
      broker.url,
      ...TOPICS,
      '--learn',
      '--store',
      join(card.path, 'learned'),
    ];
    const updates = ['--update', `http://127.0.0.1:${update.port}`, '--update-root', update.root];
    const enter = `echo $$ > ${group}/cgroup.procs; exec "$@"`;
    const flags = options.flags?.split(' ') ?? [];
    const run = [node, ...flags, program, ...words, ...updates, '--threads', String(options.threads)];
    // As the unit that `spikewire service` writes.
    const env = { ...process.env, MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };
    child = spawn('sh', ['-c', enter, 'sh', ...run], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr!.on('data', (text) => (said += text));
    const watch = highestAnonymous(child.pid!);
    const seen = await Promise.race([
      updateByMqtt({ ...options, broker: broker.url, before: 100 }),
      once(child, 'exit').then(([code, signal]) => {
        throw new Error(`the device has ended with ${code ?? signal}: ${said}`);
      }),
    ]).finally(update.close);
    const number = async (name: string) => Number(await readFile(join(group, name), 'utf8'));
    const faults = /^total_pgmajfault (\d+)$/m.exec(await readFile(join(group, 'memory.stat'), 'utf8'));
    return {
      ...seen,
      ...{ peakMB: (await number('memory.max_usage_in_bytes')) / 2 ** 20, peakAnonymousMB: watch() / 2 ** 10 },
      ...{ majorFaults: Number(faults![1]), limitHits: await number('memory.failcnt') },
    };
  } finally {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const hasEnded = once(child, 'exit');
      child.kill('SIGKILL');
      await hasEnded;
    }
    await broker?.close();
    process.off('exit', leave);
    card?.remove();
    await removeGroup(group);
    await rm(folder, { recursive: true });
  }
}

async function memoryGroup(megabytes: number): Promise<string | undefined> {
  const group = join(CONTROL, `spikewire-${process.pid}`);
  try {
    await mkdir(group);
  } catch {
    return undefined;
  }
  try {
    await writeFile(join(group, 'memory.limit_in_bytes'), String(megabytes * 2 ** 20));
    return group;
  } catch {
    await rmdir(group);
    return undefined;
  }
}

/** A process that has ended may be in its group for a moment. */
async function removeGroup(group: string): Promise<void> {
  for (let k = 0; k < 50; k++) {
    const isGone = await rmdir(group).then(
      () => true,
      () => false,
    );
    if (isGone) return;
    await delay(100);
  }
  throw new Error(`cannot remove ${group}`);
}

/** A private node, and the program as it is packed for devices. */
async function installed(folder: string, device: string): Promise<[node: string, program: string]> {
  const run = promisify(execFile);
  await run(process.execPath, [PACK, 'device', folder]);
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
  await run('tar', ['-xzf', join(folder, archive), '-C', device]);
  const node = join(device, 'node');
  await copyFile(process.execPath, node);
  return [node, join(device, 'package', 'bin', 'spikewire.js')];
}

/** Looks at what a process has of its own, in kB, until it is asked for the highest. */
function highestAnonymous(pid: number): () => number {
  let highest = 0;
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    highest = Math.max(highest, Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  }, 200);
  return () => {
    clearInterval(timer);
    return highest;
  };
}
