import { SpikewireError } from '@spikewire/models';
import { isTopicFilter, unshared } from './link/topic-filter.ts';

/**
 * Where a stream's messages come from and go to. `in` may hold `+`: each combination of levels it stands for is a net
 * of its own, and the `+` of `out` are replaced by them: `plant/+/vibration` → `plant/+/state`. `in` may be a shared
 * subscription (`$share/group/plant/+/vibration`): the processes of a group get the readings in turn, and each all
 * lessons and commands.
 */
export interface Routes {
  readonly in: string;
  readonly out: string;
}

/** For control characters a broker may end the connection (MQTT 5 §1.5.4). */
const CONTROL = /\p{Cc}/u;

/** What the topics are called where they are set, for errors; as the command line does where nothing is said. */
export type RouteNames = Routes;
const FLAGS: RouteNames = { in: '--in', out: '--out' };

/** Checks a pair of topics, and those below the input where such are joined; throws `usage`. */
export function checkRoutes({ in: input, out }: Routes, joined: readonly string[] = [], names = FLAGS): void {
  refuseRest(`${names.in} ${input}`, '"+" in place of each level that varies; to join subtopics, the topic above them');
  refuseRest(`${names.out} ${out}`, `"+" where ${names.in} has it`);
  if (!isTopicFilter(input) || CONTROL.test(input)) {
    throw new SpikewireError(
      'usage',
      `${names.in} ${input}`,
      'is not a topic',
      'levels between slashes, + for one net per matching topic',
    );
  }
  if (!isTopicFilter(out) || CONTROL.test(out) || out.startsWith('$'))
    throw new SpikewireError('usage', `${names.out} ${out}`, 'is not a topic', 'levels between slashes');
  const wildcards = (topic: string) =>
    unshared(topic)
      .split('/')
      .filter((level) => level === '+').length;
  if (wildcards(out) !== wildcards(input)) {
    throw new SpikewireError(
      'usage',
      `${names.out} ${out}`,
      `has ${wildcards(out)} "+"`,
      `${wildcards(input)}, like ${names.in} ${input}`,
    );
  }
  const below = joined.map((topic) => `${input}/${topic}`);
  const heard = [input, ...below, labelsOf(input), commandsOf(input)].map(unshared);
  const said = ['', '/status', '/lesson', '/error', '/update'].map((suffix) => out + suffix);
  if (said.some((topic) => heard.some((other) => overlap(topic, other)))) {
    throw new SpikewireError(
      'usage',
      `${names.out} ${out}`,
      `can be a topic of ${names.in}`,
      'another topic, because the net would otherwise read its own results',
    );
  }
}

/** "#" stands for a rest of any depth, which names no net. */
function refuseRest(where: string, expected: string): void {
  if (where.includes('#')) throw new SpikewireError('usage', where, 'has "#", which is not allowed here', expected);
}

/** Where the lessons of an input come. */
export function labelsOf(input: string): string {
  return `${unshared(input)}/label`;
}

/** Where the commands of an input come. */
export function commandsOf(input: string): string {
  return `${unshared(input)}/command`;
}

/** Where the process says how its updates stand. */
export function updateTopicOf({ out }: Routes): string {
  return `${out.replace(/\+/g, '_')}/update`;
}

/** Where the process says whether it is there. */
export function linkTopicOf({ out }: Routes): string {
  return `${out.replace(/\+/g, '_')}/link`;
}

/** Whether some topic fits both filters. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')];
  return a.length === b.length && a.every((level, index) => level === b[index] || level === '+' || b[index] === '+');
}

/** The levels that the `+` of a filter stand for in a topic, joined: the key of the topic's net. */
export function keyOf(filter: string, topic: string): string {
  const levels = topic.split('/');
  return unshared(filter)
    .split('/')
    .flatMap((level, index) => (level === '+' ? [levels[index]!] : []))
    .join('/');
}

/** The topic in which each `+` is replaced by a level of the key. */
export function topicFor(filter: string, key: string): string {
  const levels = key.split('/');
  return filter
    .split('/')
    .map((level) => (level === '+' ? levels.shift()! : level))
    .join('/');
}
