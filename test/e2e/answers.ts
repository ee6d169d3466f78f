import type { RandomGenerator } from '@spikewire/models';
import { MqttLink } from 'spikewire/mqtt';
import { startAedes } from './aedes.ts';
import { killAll, startCommand, until } from './command.ts';

/** What a model that `spikewire run` has on a broker of its own answers to readings, one after the other. */
export async function answersOf(
  model: string,
  folder: string,
  readings: Iterable<object>,
  random: RandomGenerator,
): Promise<string[]> {
  const broker = await startAedes();
  const command = startCommand(['run', model, '--mqtt', broker.url, '--in', 'room/is', '--out', 'room/says'], folder);
  let link: MqttLink | undefined;
  try {
    link = await MqttLink.connect(broker.url, { clientId: 'test', random: () => random.nextUniform() });
    const answers: string[] = [];
    const listen = ({ payload }: { readonly payload: Uint8Array }) =>
      void answers.push(JSON.parse(Buffer.from(payload).toString()).result);
    await link.subscribe('room/says', listen);
    await command.says(/running/);
    let asked = 0;
    for (const reading of readings) {
      await link.publish('room/is', JSON.stringify(reading));
      asked++;
      await until(() => answers.length >= asked);
    }
    return answers;
  } finally {
    await link?.close();
    await killAll([command]);
    await broker.close();
  }
}
