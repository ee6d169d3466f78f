import { type MqttLink, parseBrokerAddress } from 'spikewire/mqtt';
import { withCleanup } from 'spikewire/session';
import { startEmbeddedBroker } from './broker.ts';
import { connectDemo } from './motes-link.ts';
import type { DemoOptions } from './options.ts';

/** Where a demo is played: a broker, and the motes that are connected to it. */
export interface Stage {
  /** Address of the broker, and the same as it may be shown. */
  readonly url: string;
  readonly broker: string;
  readonly motes: MqttLink;
  /** How what is opened is closed at the end, in the opposite order. */
  readonly closers: (() => Promise<unknown>)[];
}

/** Plays on a stage that is there as long: with the broker that was asked for, or with an embedded one. */
export function onStage(
  { mqtt, say }: Pick<DemoOptions, 'mqtt' | 'say'>,
  seed: number,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  return withCleanup(async (closers) => {
    const embedded = mqtt === undefined ? await startEmbeddedBroker() : undefined;
    if (embedded !== undefined) closers.push(() => embedded.close());
    const url = mqtt ?? embedded!.url;
    const motes = await connectDemo(url, { role: 'motes', seed, say });
    closers.push(() => motes.close());
    await play({ url, broker: parseBrokerAddress(url).shown, motes, closers });
  });
}
