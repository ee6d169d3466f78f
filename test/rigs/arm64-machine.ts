import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startMosquitto } from '../e2e/mosquitto.ts';
import { publishUpdate } from './published-update.ts';
import { type SeenUpdate, TOPICS, updateByMqtt } from './update-by-mqtt.ts';

const PACK = fileURLToPath(new URL('../../scripts/pack.mjs', import.meta.url));
const INIT = fileURLToPath(new URL('arm64/init', import.meta.url));
/** What the machine calls this one. */
const HOST = '10.0.2.2';
const KERNEL_LINE = 'console=ttyAMA0 quiet panic=1 init_on_alloc=0';

export interface Arm64MachineOptions {
  /** A folder that `arm64/prepare.sh` has filled. */
  readonly files: string;
  readonly megabytes: number;
  readonly threads: number;
  readonly rate: number;
  readonly before: number;
  readonly trial: number;
  readonly probation: number;
  readonly patience: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
}

/** Lets an emulated machine with so much memory, a Cortex-A53 with Debian's kernel and Node, update itself. */
export async function updateArm64Machine(options: Arm64MachineOptions): Promise<SeenUpdate & { last: string }> {
  const { files, megabytes, threads, say = () => {} } = options;
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-arm64-'));
  const broker = await startMosquitto();
  if (broker === undefined) throw new Error('this machine has no mosquitto');
  const update = await publishUpdate(folder);
  const words = [
    'run',
    'pump.spike',
    '--mqtt',
    `mqtt://${HOST}:${broker.port}`,
    ...TOPICS,
    '--learn',
    '--store',
    'learned',
  ];
  const updates = [
    '--update',
    `http://${HOST}:${update.port}`,
    '--update-root',
    'root.json',
    '--threads',
    `${threads}`,
  ];
  const image = await rootImage(folder, files, update, [...words, ...updates]);
  const machine = spawn(
    'qemu-system-aarch64',
    [
      ...['-M', 'virt', '-cpu', 'cortex-a53', '-smp', '1', '-m', `${megabytes}`, '-nographic', '-no-reboot'],
      ...['-kernel', join(files, 'kernel'), '-initrd', join(files, 'initrd.gz'), '-append', KERNEL_LINE],
      ...['-drive', `file=${image},format=raw,if=none,id=d`, '-device', 'virtio-blk-pci,drive=d'],
      ...['-netdev', 'user,id=n', '-device', 'virtio-net-pci,netdev=n,romfile='],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const leave = () => {
    machine.kill('SIGKILL');
    void broker.close();
  };
  process.once('exit', leave); // a process that ends early leaves nothing that runs
  let last = '';
  machine.stdout.on('data', (text) => {
    for (const line of String(text).split(/\r?\n/)) {
      if (line.startsWith('device: ')) last = line;
      if (line.trim() !== '') say(line);
    }
  });
  const hasEnded = once(machine, 'exit');
  try {
    const seen = await Promise.race([
      updateByMqtt({ ...options, broker: broker.url }),
      hasEnded.then(() => {
        throw new Error(`the machine has ended: ${last}`);
      }),
    ]);
    return { ...seen, last };
  } finally {
    machine.kill('SIGKILL');
    await hasEnded;
    process.off('exit', leave);
    update.close();
    await broker.close();
    await rm(folder, { recursive: true });
  }
}

/** A disk with Debian's files, and with the program as it is packed for devices. */
async function rootImage(
  folder: string,
  files: string,
  { model, root }: { readonly model: string; readonly root: string },
  words: readonly string[],
): Promise<string> {
  const run = promisify(execFile);
  const [disk, image] = [join(folder, 'root'), join(folder, 'root.img')];
  await cp(join(files, 'root'), disk, { recursive: true, verbatimSymlinks: true });
  const app = join(disk, 'opt', 'app');
  await rm(app, { recursive: true, force: true });
  await run(process.execPath, [PACK, 'device', folder]);
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
  await run('mkdir', ['-p', app]);
  await run('tar', ['-xzf', join(folder, archive), '-C', app]);
  for (const [from, name] of [
    [model, 'pump.spike'],
    [root, 'root.json'],
    [INIT, 'init'],
  ] as const)
    await copyFile(from, join(app, name));
  await writeFile(join(app, 'settings'), `NOW=${Math.round(Date.now() / 1000)}\nWORDS="${words.join(' ')}"\n`);
  await run('truncate', ['-s', '512M', image]);
  await run('mkfs.ext4', ['-q', '-F', '-d', disk, image], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
  return image;
}
