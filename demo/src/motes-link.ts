import { RandomGenerator, SpikewireError } from '@spikewire/models';
import { MqttLink, type Subscription } from 'spikewire/mqtt';
import { numberOf } from './plant.ts';
import type { Replay } from './replay.ts';
import { ROUTES } from './scene.ts';

/** What the demo reads of a prediction's message; docs/messages.md has all of it. */
export interface Prediction {
  /** When the reading was taken that it answers. */
  readonly t: number;
  /** Readings that the net has taken with this one. */
  readonly seq: number;
  readonly result: Readonly<Record<string, number>> | null;
  readonly anomaly?: boolean;
  readonly spikes: number;
}

export interface DemoLinkOptions {
  /** Which side of the demo it is. */
  readonly role: string;
  readonly seed: number;
  readonly subscriptions?: readonly Subscription[];
  readonly say: (line: string) => void;
}

/** A connection of the demo to its broker. */
export function connectDemo(url: string, { role, seed, subscriptions = [], say }: DemoLinkOptions): Promise<MqttLink> {
  const random = new RandomGenerator(seed, role);
  // A name of this run alone: two demos on one broker must not throw each other out, nor one get what another left
  // there.
  const clientId = `spikewire-demo-${role}-${process.pid}-${Date.now().toString(36)}`;
  return MqttLink.connect(url, { clientId, random: () => random.nextUniform(), subscriptions, onWarning: say });
}

/** Tells a replay of the answers to its readings, and whoever listens what they say. */
export async function hearAnswers(
  motes: MqttLink,
  replay: Replay,
  listener: (id: string, prediction: Prediction) => void = () => {},
): Promise<void> {
  await motes.subscribe(ROUTES.out, ({ topic, payload }) => {
    const prediction = JSON.parse(Buffer.from(payload).toString('utf8')) as Prediction;
    const id = topic.split('/')[1]!;
    listener(id, prediction);
    replay.answer(id, numberOf(prediction.t));
  });
}

/** Tells what the nets refuse. All readings are good: a refusal means that a net is gone. */
export async function hearRefusals(motes: MqttLink, listener: (id: string, reason: string) => void): Promise<void> {
  await motes.subscribe(`${ROUTES.out}/error`, ({ topic, payload }) => {
    const { error } = JSON.parse(Buffer.from(payload).toString('utf8')) as { error: string };
    listener(topic.split('/')[1]!, error);
  });
}

/** The end of a replay whose answers will not come. */
export function stopped(reason: string): SpikewireError {
  return new SpikewireError(
    'unsupported',
    'demo',
    `stopped: ${reason}`,
    'an answer to every reading; start it again to continue',
  );
}
