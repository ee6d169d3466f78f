import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { Lock, machineProcessTable, makeFolder, nodeFileSystem, storeFailure } from '../../store/index.ts';
import type { MachineFolders } from '../backup/machine-folders.ts';
import { ControlSocket } from '../control/control-socket.ts';
import type { SocketRequest } from '../control/protocol.ts';
import type { LiveValues } from '../fleet/live.ts';
import type { MemberStatus } from '../fleet/member.ts';
import type { MachineReport } from '../fleet/report.ts';
import type { SharableMachine } from '../sharing/sharing.ts';
import { type AgentConfiguration, NO_MACHINES } from './configuration.ts';
import { Machine, type MachineOptions, type MachineStatus } from './machine.ts';

/** The machines of an agent and where they stand, as a JSON document can hold it. */
export interface MachinesStatus {
  readonly machines: readonly MachineStatus[];
  /** Where the device stands with its controller; absent where it has none. */
  readonly controller?: MemberStatus;
}

type Shared = Omit<MachineOptions, 'name' | 'configuration' | 'folder'>;

export interface MachinesOptions extends Shared {
  /** With a folder for each machine. */
  readonly folder: string;
  readonly configuration: AgentConfiguration;
  /** Called where a person asks to look at the repository now. */
  readonly onLook?: () => void;
  /** Where the device stands with its controller. */
  readonly controller?: (() => MemberStatus) | undefined;
}

/** All machines that a process looks after. Whoever owns the process asks them by a socket in their folder. */
export class Machines {
  readonly #machines: readonly Machine[];
  readonly #lock: Lock;
  readonly #onLook: () => void;
  readonly #controller: MachinesOptions['controller'];
  #control: ControlSocket | undefined;

  /** Rejects with `store` where the folder cannot be used, or another process uses it. */
  static async open(options: MachinesOptions): Promise<Machines> {
    const { folder, warn } = options;
    const lock = await takeFolder(folder);
    const machines = new Machines(options, lock);
    try {
      machines.#control = await ControlSocket.open(folder, (request) => machines.carryOut(request));
    } catch (failure) {
      warn(`${(failure as Error).message}; "spikewire agent status" cannot talk to this process`);
    }
    return machines;
  }

  private constructor(options: MachinesOptions, lock: Lock) {
    const { configuration, folder, onLook = () => {}, ...shared } = options;
    [this.#lock, this.#onLook, this.#controller] = [lock, onLook, options.controller];
    this.#machines = Object.entries(configuration.machines).map(
      ([name, machine]) =>
        new Machine({
          ...{ ...shared, name, configuration: machine, folder: join(folder, name) },
          say: (line) => shared.say(`${name}: ${line}`),
          tell: (line, kind) => shared.tell(`${name}: ${line}`, kind),
          warn: (line, kind) => shared.warn(`${name}: ${line}`, `${name} ${kind ?? ''}`),
        }),
    );
  }

  /** Runs all until the signal ends them. */
  async run(): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.run()));
  }

  /** In one line, such as for systemd. */
  get status(): string {
    return this.#machines.map(({ name, status }) => `${name}: ${status.summary}`).join('; ') || NO_MACHINES;
  }

  /** Whether any of them runs, or waits for its first model. */
  get isRunning(): boolean {
    return this.#machines.some(({ isRunning }) => isRunning);
  }

  /** By machine, since its start. */
  get readings(): ReadonlyMap<string, Machine['readings']> {
    return new Map(this.#machines.map(({ name, readings }) => [name, readings]));
  }

  /**
   * Does what a person asks of one machine, or asks of all where that is harmless, and gives the status of these.
   * Rejects with `usage` where that cannot be now.
   */
  async carryOut({ machine, ...request }: SocketRequest): Promise<MachinesStatus> {
    if (request.action === 'look') this.#onLook();
    const asked = this.#machines.filter(({ name }) => machine === undefined || name === machine);
    const names = this.#machines.map(({ name }) => name).join(', ');
    if (names === '' && !FOR_ALL.includes(request.action))
      throw new SpikewireError('usage', `update ${request.action}`, NO_MACHINES, 'a machine');
    if (asked.length === 0 && machine !== undefined)
      throw new SpikewireError('usage', `machine ${machine}`, 'is not one of this agent', names);
    if (asked.length > 1 && !FOR_ALL.includes(request.action))
      throw new SpikewireError(
        'usage',
        `update ${request.action}`,
        'needs one machine',
        `--machine with one of ${names}`,
      );
    const status = await Promise.all(asked.map((each) => each.carryOut(request)));
    return { machines: status, ...(this.#controller && { controller: this.#controller() }) };
  }

  /** For a controller, which takes a machine that is not in them as gone: undefined until each has one. */
  get reports(): readonly MachineReport[] | undefined {
    const reports = this.#machines.flatMap(({ report }) => report ?? []);
    return reports.length === this.#machines.length ? reports : undefined;
  }

  /** By machine that runs: what it shows to people who look at the device. */
  get live(): ReadonlyMap<string, LiveValues> {
    return new Map(this.#machines.flatMap(({ name, live }) => (live === undefined ? [] : [[name, live] as const])));
  }

  /** Where they keep what they learn. */
  get folders(): readonly MachineFolders[] {
    return this.#machines.map(({ folders }) => folders);
  }

  get sharable(): readonly SharableMachine[] {
    return this.#machines.map(({ sharable }) => sharable);
  }

  /** The controller wants something else than before. */
  obey(): void {
    for (const machine of this.#machines) machine.obey();
  }

  async close(): Promise<void> {
    await this.#control?.close();
    await this.#lock.release();
  }
}

/** What may be asked of all machines at once. */
const FOR_ALL: readonly string[] = ['status', 'look', 'pin', 'unpin'];

async function takeFolder(folder: string): Promise<Lock> {
  try {
    await makeFolder(folder, nodeFileSystem);
    return await Lock.take(folder, nodeFileSystem, machineProcessTable());
  } catch (failure) {
    throw storeFailure(folder, 'use it', failure);
  }
}
