import type { IncomingMessage } from 'node:http';
import { SpikewireError } from '@spikewire/models';
import type { Roles } from '../../desk/access.ts';
import { readUpdateOrder, type UpdateOrder } from '../../desk/updates.ts';
import {
  DASHBOARD_COMMANDS,
  type DashboardCommand,
  type DashboardInside,
  type DashboardLesson,
  type DashboardNet,
  type DashboardOrder,
  type DashboardSetting,
  type DashboardSettings,
  type DashboardSource,
} from '../source.ts';
import { readBody } from './body.ts';
import { Refusal } from './reply.ts';

/** A command is a few words; a longer body is not read. */
export const MAXIMAL_BODY_BYTES = 4096;

const MAXIMAL_SETTINGS = 16;

export interface Command extends DashboardOrder {
  readonly net: string;
}

/** @throws Refusal 413, 415 or 400 when the body is too long, not JSON, or no command. */
export async function readCommand(request: IncomingMessage): Promise<Command> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new Refusal(415, `content-type ${JSON.stringify(type.slice(0, 80))}: expected application/json`);
  }
  return parseCommand(await readBody(request, MAXIMAL_BODY_BYTES));
}

/**
 * @throws Refusal 404 for an unknown net, except about updates, 422 for a setting that is not offered, or with the
 * source's own words when it refuses, 403 when the roles do not allow it, 500 when it fails.
 */
export async function carryOut(source: DashboardSource, { net: id, ...order }: Command, roles: Roles): Promise<string> {
  if (order.command !== 'update') checkSettings(expectNet(source, id), order);
  return orRefusal(source.command(id, order, roles));
}

/** What is inside a net. @throws Refusal 404 for an unknown net, or as {@link carryOut} when the source refuses. */
export async function inside(source: DashboardSource, id: string | null, roles: Roles): Promise<DashboardInside> {
  const net = expectNet(source, id ?? '');
  return orRefusal(source.inside?.(net.id, roles) ?? Promise.resolve({ weights: [], membranes: [] }));
}

function expectNet(source: DashboardSource, id: string): DashboardNet {
  const net = source.net(id);
  if (net === undefined) throw new Refusal(404, `net ${JSON.stringify(id.slice(0, 80))}: unknown`);
  return net;
}

async function orRefusal<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new Refusal(statusOf(error), error instanceof Error ? error.message : 'failed');
  }
}

function statusOf(error: unknown): number {
  if (!(error instanceof SpikewireError)) return 500;
  return error.code === 'access' ? 403 : 422;
}

/** @throws Refusal 422 for a setting that the net does not have, or a value that the page does not offer. */
function checkSettings(net: DashboardNet, { settings = {}, monitor }: DashboardOrder): void {
  const offered = offeredBy(net, monitor);
  for (const [id, value] of Object.entries(settings)) {
    const setting = offered.find((candidate) => candidate.id === id);
    if (setting === undefined) {
      const known = offered.map((candidate) => candidate.id).join(', ') || 'none for this net';
      throw new Refusal(422, `setting ${JSON.stringify(id)}: unknown; expected ${known}`);
    }
    const { minimum, maximum } = setting;
    if (value < minimum || value > maximum) {
      throw new Refusal(422, `setting ${id}: is ${value}; expected ${minimum}…${maximum}`);
    }
  }
}

type Offered = Pick<DashboardSetting, 'id' | 'minimum' | 'maximum'>;

/** Each monitor can also be switched off and on, and go back to the limit that it has learned. */
const OF_EACH: readonly Offered[] = [
  { id: 'on', minimum: 0, maximum: 1 },
  { id: 'learned', minimum: 1, maximum: 1 },
];

function offeredBy({ settings = [], monitors = [] }: DashboardNet, monitor: string | undefined): readonly Offered[] {
  if (monitor === undefined) return settings;
  const named = monitors.find(({ name }) => name === monitor);
  if (named !== undefined) return [...named.settings, ...OF_EACH];
  const known = monitors.map(({ name }) => name).join(', ') || 'none for this net';
  throw new Refusal(422, `monitor ${JSON.stringify(monitor.slice(0, 80))}: unknown; expected ${known}`);
}

function parseCommand(text: string): Command {
  const { net, command, settings, lesson, monitor, update } = parseObject(text);
  if (typeof net !== 'string') {
    throw new Refusal(400, 'net: not a string; expected the id of a net');
  }
  if (!isCommand(command)) {
    throw new Refusal(400, `command: unknown; expected one of ${DASHBOARD_COMMANDS.join(', ')}`);
  }
  if (command === 'teach') {
    if (isLesson(lesson)) return { net, command, lesson: { label: lesson.label, time: lesson.time } };
    throw new Refusal(400, 'lesson: expected {"label":"…","time":ms}');
  }
  if (command === 'update') return { net, command, update: parseUpdate(update) };
  if (command !== 'settings') {
    return { net, command };
  }
  if (!isSettings(settings)) {
    throw new Refusal(400, 'settings: expected an object of finite numbers');
  }
  if (monitor === undefined) return { net, command, settings };
  if (typeof monitor !== 'string') throw new Refusal(400, 'monitor: not a string; expected the name of one');
  return { net, command, settings, monitor };
}

function parseUpdate(update: unknown): UpdateOrder {
  try {
    return readUpdateOrder((update ?? {}) as Readonly<Record<string, unknown>>);
  } catch (problem) {
    throw new Refusal(400, (problem as Error).message);
  }
}

function parseObject(text: string): { readonly [key: string]: unknown } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'body: not JSON; expected {"net":"…","command":"…"}');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal(400, 'body: not an object; expected {"net":"…","command":"…"}');
  }
  return body as { readonly [key: string]: unknown };
}

function isCommand(value: unknown): value is DashboardCommand {
  return (DASHBOARD_COMMANDS as readonly unknown[]).includes(value);
}

function isLesson(value: unknown): value is DashboardLesson {
  if (typeof value !== 'object' || value === null) return false;
  const { label, time } = value as { label?: unknown; time?: unknown };
  return typeof label === 'string' && label !== '' && Number.isFinite(time);
}

function isSettings(value: unknown): value is DashboardSettings {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const numbers = Object.values(value);
  return numbers.length > 0 && numbers.length <= MAXIMAL_SETTINGS && numbers.every(Number.isFinite);
}
