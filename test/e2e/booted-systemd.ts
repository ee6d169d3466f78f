import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A systemd in namespaces of its own, with the file system of this machine but for its own units and state. */
export interface BootedSystemd {
  /** Runs a command beside it and gives what it says on stdout. */
  run(program: string, ...words: string[]): Promise<string>;
  /** Ends all that runs in it, and removes its control groups. */
  close(): Promise<void>;
}

/**
 * A target that wants nothing: no other service of this machine is started. Mounts are shared as a systemd outside of
 * containers has them, or units would see none of their credentials. Of each hierarchy of control groups it sees its
 * own group as the root.
 */
const BOOT = `
for folder in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if [ -d "$folder/$CONTROL_GROUP" ]; then mount --bind "$folder/$CONTROL_GROUP" "$folder"; fi
done
mount --make-rshared /
for folder in /run /etc/systemd/system /var/lib; do mount -t tmpfs tmpfs $folder; done
for target in boot sysinit basic shutdown network network-online multi-user; do
  printf '[Unit]\\nDefaultDependencies=no\\n' > /etc/systemd/system/$target.target
done
export container=spikewire SYSTEMD_UNIT_PATH=/etc/systemd/system
exec /lib/systemd/systemd --system --unit=boot.target --log-target=null --show-status=no
`;

/** Enters a group of its own in each hierarchy that takes it: some, such as cpuset, take nobody without a setting. */
const ENTER = `
for folder in $HIERARCHIES; do
  mkdir "$folder/$CONTROL_GROUP" || continue
  echo $$ > "$folder/$CONTROL_GROUP/cgroup.procs" || rmdir "$folder/$CONTROL_GROUP"
done
exec "$@"
`;
const ROOT = '/sys/fs/cgroup';
let booted = 0;

/**
 * Undefined where this user or machine cannot: it takes root, and a systemd that gets along with its control groups.
 */
export async function bootSystemd(): Promise<BootedSystemd | undefined> {
  const group = `spikewire-test-${process.pid}-${booted++}`;
  const hierarchies = await hierarchiesOf();
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--ipc', '--uts', '--cgroup'];
  const boot = spawn('sh', ['-c', ENTER, 'sh', 'unshare', ...namespaces, 'sh', '-e', '-c', BOOT], {
    stdio: 'ignore',
    env: { ...process.env, CONTROL_GROUP: group, HIERARCHIES: hierarchies.join(' ') },
  });
  boot.on('error', () => {});
  const close = async () => {
    if (boot.exitCode === null && boot.kill('SIGKILL')) await once(boot, 'exit');
    for (const folder of hierarchies) await removeGroup(join(folder, group));
  };
  for (let look = 0; look < 50 && boot.exitCode === null && boot.pid !== undefined; look++) {
    await delay(200);
    const [id] = (await readFile(`/proc/${boot.pid}/task/${boot.pid}/children`, 'utf8').catch(() => '')).split(' ');
    if (id === undefined || id === '') continue;
    const run = async (program: string, ...words: string[]) => {
      const inside = ['--target', id, '--mount', '--pid', '--ipc', '--uts', '--cgroup', program, ...words];
      return (await promisify(execFile)('nsenter', inside, { timeout: 20_000 })).stdout;
    };
    const state = await run('systemctl', 'is-active', 'boot.target').catch(() => '');
    if (state.trim() === 'active') return { run, close };
  }
  await close();
  return undefined;
}

/** Folders of the hierarchies of control groups: one for all controllers (version 2), or one for each (version 1). */
async function hierarchiesOf(): Promise<readonly string[]> {
  const all = [ROOT, ...(await readdir(ROOT).catch(() => [])).map((name) => join(ROOT, name))];
  const hierarchies = all.filter((folder) => existsSync(join(folder, 'cgroup.procs')));
  return hierarchies[0] === ROOT ? [ROOT] : hierarchies;
}

/** A group can be removed only after its processes are gone, which takes a moment after they were killed. */
async function removeGroup(folder: string): Promise<void> {
  const words = [folder, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'];
  for (let attempt = 0; attempt < 50 && existsSync(folder); attempt++) {
    await promisify(execFile)('find', words).catch(() => delay(100));
  }
}
