import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A systemd in namespaces of its own, with the file system of this machine but for its own units and state. */
export interface BootedSystemd {
  /** Runs a command beside it and gives what it says on stdout. */
  run(program: string, ...words: string[]): Promise<string>;
  close(): void;
}

/**
 * A target that wants nothing: no other service of this machine is started. Mounts are shared as a systemd outside of
 * containers has them, or units would see none of their credentials.
 */
const BOOT = `
mount --make-rshared /
for folder in /run /etc/systemd/system /var/lib; do mount -t tmpfs tmpfs $folder; done
for target in boot sysinit basic shutdown network network-online multi-user; do
  printf '[Unit]\\nDefaultDependencies=no\\n' > /etc/systemd/system/$target.target
done
export container=spikewire SYSTEMD_UNIT_PATH=/etc/systemd/system
exec /lib/systemd/systemd --system --unit=boot.target --log-target=null --show-status=no
`;

/**
 * Undefined where this user or machine cannot: it takes root, and a systemd that gets along with its control groups.
 */
export async function bootSystemd(): Promise<BootedSystemd | undefined> {
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--ipc', '--uts'];
  const boot = spawn('unshare', [...namespaces, 'sh', '-e', '-c', BOOT], { stdio: 'ignore' });
  const close = () => void boot.kill('SIGKILL');
  boot.on('error', () => {});
  for (let look = 0; look < 50 && boot.exitCode === null && boot.pid !== undefined; look++) {
    await delay(200);
    const [id] = (await readFile(`/proc/${boot.pid}/task/${boot.pid}/children`, 'utf8').catch(() => '')).split(' ');
    if (id === undefined || id === '') continue;
    const run = async (program: string, ...words: string[]) => {
      const inside = ['--target', id, '--mount', '--pid', '--ipc', '--uts', program, ...words];
      return (await promisify(execFile)('nsenter', inside, { timeout: 20_000 })).stdout;
    };
    const state = await run('systemctl', 'is-active', 'boot.target').catch(() => '');
    if (state.trim() === 'active') return { run, close };
  }
  close();
  return undefined;
}
