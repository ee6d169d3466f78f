import { Host, type HostConfiguration, type HostedModel, type Surroundings } from '../../host/index.ts';
import type { Closer } from '../../session/cleanup.ts';
import type { Agent } from './agent.ts';

/**
 * Opens a host, which an agent, where there is one, keeps up to date from then on. How both end is added to `closers`;
 * whoever has opened the agent closes it after that.
 *
 * @param base of the agent, or another model where there is none
 */
export async function openUpdated(
  closers: Closer[],
  agent: Agent | undefined,
  base: HostedModel,
  configuration: HostConfiguration,
  surroundings: Surroundings,
): Promise<Host> {
  const { onNewModel, updates } = agent ?? {};
  const host = await Host.open(base, configuration, { ...surroundings, onNewModel, updates });
  closers.push(() => host.close());
  await agent?.begin(host);
  // What runs beside ends before the host does.
  closers.push(async () => agent?.updater?.stop());
  return host;
}
