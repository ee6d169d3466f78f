import { SpikewireError } from '@spikewire/models';
import { CARRYING, type Carrying } from '../repository/offer.ts';

/** What a controller wants of a machine. It can name only bases that the repository of the device has signed. */
export type MachineOrder =
  /**
   * Keep the base that answers, and end what is on trial. A machine without a base takes the one that it is offered.
   */
  | { readonly kind: 'keep' }
  /** Keep having no base, or the one that answers, and do not look for another. */
  | { readonly kind: 'wait' }
  /**
   * Run the base beside the present one, and report how they compare; do not install it. `questionsPerDay`: readings of
   * which people are asked for the label in a day, at most; 1 to `MOST_QUESTIONS_PER_DAY`; absent: the device decides.
   */
  | {
      readonly kind: 'try';
      readonly sha256: string;
      readonly carrying: Carrying;
      readonly questionsPerDay?: number | undefined;
    }
  /**
   * Let the base answer. `watch`: its former base runs beside it until the order changes (a probation without end);
   * else the probation is over.
   */
  | { readonly kind: 'install'; readonly sha256: string; readonly carrying: Carrying; readonly watch: boolean }
  /** Stop the trial of the base, or return from it to the former one. */
  | { readonly kind: 'leave'; readonly sha256: string };

/** The answer to a report. */
export interface Orders {
  /** By machine. Those that are absent keep what they have. */
  readonly machines: Readonly<Record<string, MachineOrder>>;
  /** Mean time to the next report, in seconds; the device draws each up to a quarter earlier or later. */
  readonly every: number;
}

/** Of a machine. */
export const MOST_QUESTIONS_PER_DAY = 100;
/** Of the answer to a report, in bytes of JSON. */
export const LARGEST_ORDERS = 65_536;
const LEAST_EVERY = 1;
const MOST_EVERY = 86_400;

/** Reads the JSON text of orders. Throws `link` for anything else; never fails in another way. */
export function readOrders(text: string): Orders {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw wrong('answer', 'is not JSON', 'orders');
  }
  const { machines, every } = recordOf(said, 'answer');
  const read = Object.entries(recordOf(machines, 'machines')).map(([name, order]) => [name, orderOf(order, name)]);
  if (typeof every !== 'number' || !(every >= LEAST_EVERY && every <= MOST_EVERY))
    throw wrong('every', 'is out of range', `${LEAST_EVERY} to ${MOST_EVERY} s`);
  return { machines: Object.fromEntries(read), every };
}

function orderOf(said: unknown, machine: string): MachineOrder {
  const { kind, sha256, carrying, watch, questionsPerDay } = recordOf(said, machine);
  if (kind === 'keep' || kind === 'wait') return { kind };
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw wrong(machine, 'names no model', 'a SHA-256 in hex');
  if (kind === 'leave') return { kind, sha256 };
  const way = CARRYING.find((each) => each === carrying);
  if (way === undefined) throw wrong(machine, 'has no way to carry over what was learned', CARRYING.join(' or '));
  if (kind === 'try')
    return {
      kind,
      sha256,
      carrying: way,
      ...(questionsPerDay != null && { questionsPerDay: questionsIn(questionsPerDay, machine) }),
    };
  if (kind === 'install' && typeof watch === 'boolean') return { kind, sha256, carrying: way, watch };
  throw wrong(machine, 'has an unknown order', 'keep, wait, try, install or leave');
}

function questionsIn(said: unknown, machine: string): number {
  if (Number.isInteger(said) && (said as number) >= 1 && (said as number) <= MOST_QUESTIONS_PER_DAY)
    return said as number;
  throw wrong(`${machine}, questionsPerDay`, 'is out of range', `1 to ${MOST_QUESTIONS_PER_DAY}`);
}

function recordOf(said: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof said === 'object' && said !== null && !Array.isArray(said)) return said as Record<string, unknown>;
  throw wrong(where, 'is not an object', 'an object');
}

function wrong(where: string, what: string, expected: string): SpikewireError {
  return new SpikewireError('link', `controller, ${where}`, what, expected);
}
