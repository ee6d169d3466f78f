import { SpikewireError } from '@spikewire/models';
import {
  type ChecksOf,
  checkConfiguration,
  flag,
  type HostConfiguration,
  listOf,
  numberIn,
  part,
  tableOf,
  text,
} from '../../host/index.ts';

/** Which model of the repository a machine runs, and how often it checks for a newer one. */
export interface MachineUpdates {
  /** Name of the model. Default: that of the machine. */
  readonly model?: string | undefined;
  /** Default: as for all machines of the agent, like what follows. */
  readonly channel?: string | undefined;
  /** Groups that the machine belongs to. */
  readonly groups?: readonly string[] | undefined;
  /** Seconds between two checks of the repository, in mean. */
  readonly every?: number | undefined;
  /** Whether sums of its lessons may leave the device for rounds of the controller. Default: as `--share` says. */
  readonly share?: boolean | undefined;
}

/**
 * Something that is watched, such as a pump: where its readings come from, where what is learned about it is kept, and
 * which model of the repository they go to.
 */
export interface MachineConfiguration extends HostConfiguration {
  readonly update?: MachineUpdates | undefined;
}

/** What an agent looks after: plain data, which a JSON document can hold. */
export interface AgentConfiguration {
  /** By name, which is also that of a folder. */
  readonly machines: Readonly<Record<string, MachineConfiguration>>;
}

/** What is said of the machines of an agent that waits for its first configuration. */
export const NO_MACHINES = 'there is no configuration yet';
/** Seconds between two checks of a repository. */
export const LOOK_EVERY = { minimum: 1, maximum: 30 * 86_400 };

const updates: ChecksOf<MachineUpdates> = {
  model: text,
  channel: text,
  groups: listOf(text),
  every: numberIn(LOOK_EVERY),
  share: flag,
};

const MACHINES = 'an object with one entry for each machine, such as {"pump": {…}}';

/** What is wrong with a document that should be the configuration of an agent: the first thing of each machine. */
export function problemsOf(document: unknown): readonly SpikewireError[] {
  const whole = problemOf(() => part({ machines: tableOf(() => {}, MACHINES) }, ['machines'])(document, '', {}));
  if (whole !== undefined) return [whole];
  const machines = Object.entries((document as AgentConfiguration).machines);
  if (machines.length === 0) return [new SpikewireError('usage', 'machines', 'is empty', 'at least one, by its name')];
  const outputs = new Map<string, string>();
  return machines.flatMap(([name, machine]) => problemOf(() => checkMachine(name, machine, outputs)) ?? []);
}

/** @param outputs topics of the machines before, with their names */
function checkMachine(name: string, machine: MachineConfiguration, outputs: Map<string, string>): void {
  const key = `machines.${name}`;
  if (!/^[\w-]{1,64}$/.test(name)) {
    const expected = 'up to 64 letters, digits, "-" and "_"';
    throw new SpikewireError('usage', 'machines', `have the name ${JSON.stringify(name)}`, expected);
  }
  checkConfiguration(machine, {}, key, { update: part(updates) });
  const { stream, sensor } = machine;
  if (stream === undefined && sensor === undefined)
    throw new SpikewireError('usage', key, 'has no readings', '"stream", with the topics "in" and "out", or "sensor"');
  const other = stream && outputs.get(stream.out);
  if (other !== undefined)
    throw new SpikewireError('usage', `${key}.stream.out`, `is also that of ${other}`, 'a topic of its own');
  if (stream !== undefined) outputs.set(stream.out, name);
}

function problemOf(check: () => void): SpikewireError | undefined {
  try {
    check();
    return undefined;
  } catch (problem) {
    return problem as SpikewireError;
  }
}
