import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What of this machine decides which command helps. */
export interface Machine {
  /** Names of programs that are asked for in advice, of those that are here. */
  readonly programs: ReadonlySet<string>;
  /** Whether systemd runs its services. */
  readonly systemd: boolean;
  readonly root: boolean;
}

/** Installs a program, by the manager of packages that a machine has. */
const INSTALL: Readonly<Record<string, string>> = {
  'apt-get': 'apt-get install -y',
  dnf: 'dnf install -y',
  apk: 'apk add',
  pacman: 'pacman -S --noconfirm',
  brew: 'brew install',
};
const ASKED = [...Object.keys(INSTALL), 'mosquitto', 'timedatectl', 'sudo'];
/** Debian puts servers where only root looks. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

export async function thisMachine(): Promise<Machine> {
  const found = await Promise.all(ASKED.map(async (name) => ((await hasProgram(name)) ? [name] : [])));
  return {
    programs: new Set(found.flat()),
    systemd: await exists('/run/systemd/system'),
    root: process.getuid?.() === 0,
  };
}

async function hasProgram(name: string): Promise<boolean> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS];
  const present = await Promise.all(folders.map((folder) => exists(join(folder, name), constants.X_OK)));
  return present.includes(true);
}

export function exists(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

/** A command for root, as this user would call it. */
export function asRoot({ root, programs }: Machine, words: string): string {
  return root || !programs.has('sudo') ? words : `sudo ${words}`;
}

/** Brings a broker to run on this machine. */
export function startBroker(machine: Machine): string {
  const { programs, systemd } = machine;
  const start = systemd ? asRoot(machine, 'systemctl enable --now mosquitto') : 'mosquitto -d';
  if (programs.has('mosquitto')) return start;
  const manager = Object.keys(INSTALL).find((name) => programs.has(name));
  if (manager === undefined) return 'install mosquitto (https://mosquitto.org/download)';
  const install = `${INSTALL[manager]} mosquitto`;
  return `${manager === 'brew' ? install : asRoot(machine, install)} && ${start}`;
}
