import { SpikewireError } from '@spikewire/models';
import type { Target, TargetsMetadata } from '../repository/metadata.ts';
import { type AgentConfiguration, problemsOf } from './configuration.ts';

/** More bytes are no list of machines. */
export const LARGEST_CONFIGURATION = 1 << 20;

/** The name of the configuration of a group of devices in a repository. */
export function configurationName(group: string): string {
  return `config/${group}.json`;
}

/** That of a device in these groups; undefined where there is none. Throws `file` where there are two. */
export function configurationFor(
  groups: readonly string[],
  { targets }: Pick<TargetsMetadata, 'targets'>,
): Target | undefined {
  const [first, second] = groups.flatMap((group) => targets.get(configurationName(group)) ?? []);
  if (second === undefined) return first;
  const names = `${first!.name} and ${second.name}`;
  throw new SpikewireError('file', 'targets', `name two configurations for this device, ${names}`, 'one');
}

/** Reads one. Throws `file` with the first thing that is wrong. */
export function readConfiguration(bytes: Uint8Array, where: string): AgentConfiguration {
  const wrong = (problem: string) => SpikewireError.restore('file', where, `${where}: ${problem}`);
  if (bytes.length > LARGEST_CONFIGURATION) throw wrong(`is too long; expected at most ${LARGEST_CONFIGURATION} bytes`);
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw wrong(`is not JSON (${(cause as Error).message})`);
  }
  const [problem] = problemsOf(document);
  if (problem !== undefined) throw wrong(problem.message);
  return document as AgentConfiguration;
}
