import { execFile } from 'node:child_process';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SpikewireError } from '@spikewire/models';
import { writeWhole } from '../atomic-file.ts';

/** Where units lie that the owner of a machine adds. */
const UNITS = '/etc/systemd/system';

/** How a service is, as `systemctl show` names it. */
const PROPERTIES = [
  'ActiveState',
  'SubState',
  'StatusText',
  'UnitFileState',
  'MainPID',
  'NRestarts',
  'MemoryCurrent',
] as const;
export type ServiceState = Readonly<Record<(typeof PROPERTIES)[number], string>>;

/** Services of this machine; others in tests. */
export class Systemd {
  readonly #units: string;
  readonly #systemctl: (words: readonly string[]) => Promise<string>;

  constructor(units = UNITS, control = systemctl) {
    this.#units = units;
    this.#systemctl = control;
  }

  fileOf(name: string): string {
    return join(this.#units, `${name}.service`);
  }

  has(name: string): Promise<boolean> {
    return access(this.fileOf(name)).then(
      () => true,
      () => false,
    );
  }

  /** Writes the unit, and starts it now and with the machine. Without systemd nothing is written. */
  async install(name: string, text: string): Promise<void> {
    await this.#systemctl(['show', '--property=Version']);
    await writeWhole(this.fileOf(name), text);
    await this.#systemctl(['daemon-reload']);
    await this.#systemctl(['enable', name]);
    await this.#systemctl(['restart', name]);
  }

  /** Ends the service and removes its unit; what it has learned stays. */
  async remove(name: string): Promise<void> {
    await this.#expect(name);
    await this.#systemctl(['disable', '--now', name]);
    await rm(this.fileOf(name));
    await this.#systemctl(['daemon-reload']);
  }

  async state(name: string): Promise<ServiceState> {
    await this.#expect(name);
    const shown = await this.#systemctl(['show', name, `--property=${PROPERTIES.join(',')}`]);
    const lines = shown.split('\n').map((line) => line.split('=') as [string, string]);
    return Object.fromEntries(lines.filter(([key]) => (PROPERTIES as readonly string[]).includes(key))) as ServiceState;
  }

  async #expect(name: string): Promise<void> {
    if (await this.has(name)) return;
    throw new SpikewireError('usage', `service ${name}`, 'is not installed', `a unit ${this.fileOf(name)}`);
  }
}

async function systemctl(words: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)('systemctl', [...words])).stdout;
  } catch (cause) {
    const { code, stderr = '' } = cause as NodeJS.ErrnoException & { stderr?: string };
    const said = code === 'ENOENT' ? 'is not installed on this device' : stderr.trim().split('\n')[0] || String(code);
    throw new SpikewireError(
      'unsupported',
      `systemctl ${words.join(' ')}`,
      said,
      'a machine that systemd has started',
      cause,
    );
  }
}
