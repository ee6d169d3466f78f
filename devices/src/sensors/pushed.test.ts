import { MqttLink } from 'spikewire/mqtt';
import { SensorSettings, SensorStream, splitAddress } from 'spikewire/sensors';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort, startMosquitto } from '../../../test/e2e/mosquitto.ts';
import { needs } from '../../../test/services.ts';
import { httpDriver } from './http.ts';
import { mqttDriver } from './mqtt.ts';

afterEach(() => vi.unstubAllEnvs());

function openSensor(address: string) {
  const [scheme, rest] = [address.slice(0, 4), address.slice(5)];
  const { name, texts } = splitAddress(rest);
  return (scheme === 'http' ? httpDriver : mqttDriver).open(name, new SensorSettings(address, texts));
}

/** Posts once somebody listens there. */
async function post(url: string, body: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  for (;;) {
    const response = await fetch(url, { method: 'POST', body, headers }).catch(() => undefined);
    if (response !== undefined) return [response.status, await response.text()];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('HTTP', () => {
  it('takes what is posted, a sample per line or one document, and says what is wrong', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/shed`;
    const stream = new SensorStream(await openSensor(`${url}?channels=x:V,y`));
    const first = stream.read();
    expect(await post(url, '1,2\n3,4\n')).toEqual([204, '']);
    expect(Array.from((await first)!.values)).toEqual([1, 2]);
    expect(Array.from((await stream.read())!.values)).toEqual([3, 4]);
    expect(await post(url, '{"x": 5,\n"y": 6}')).toEqual([204, '']);
    expect(Array.from((await stream.read())!.values)).toEqual([5, 6]);
    expect(await post(url, '7')).toEqual([400, 'line "7": has 1 numbers; expected x, y\n']);
    expect((await post(`http://127.0.0.1:${port}/`, '7,8'))[0]).toBe(404);
    expect((await fetch(url)).status).toBe(405);
    expect((await post(url, '1'.repeat(2 ** 20 + 1)))[0]).toBe(413);
    expect(stream.figures).toMatchObject({ samples: 4, taken: 3, nonFinite: 1, problems: 1 });
    await stream.close();
  });

  it('listens beyond this machine only behind a word', async () => {
    await expect(openSensor('http://0.0.0.0:8090/')).rejects.toThrow(/listens beyond this machine; expected a word/);
    await expect(openSensor('http://127.0.0.1/')).rejects.toThrow(/does not say where to listen/);
    vi.stubEnv('SPIKEWIRE_SENSOR_TOKEN', 'sesame');
    const port = await freePort();
    const stream = new SensorStream(await openSensor(`http://0.0.0.0:${port}/`));
    const first = stream.read();
    const url = `http://127.0.0.1:${port}/`;
    expect((await post(url, '1'))[0]).toBe(401);
    expect((await post(url, '2', { authorization: 'Bearer sesame' }))[0]).toBe(204);
    expect((await first)!.values).toEqual(Float64Array.of(2));
    await stream.close();
  });
});

describe('MQTT', () => {
  it('gives the messages of a topic', async (context) => {
    needs(context, 'mosquitto');
    const broker = (await startMosquitto())!;
    try {
      const stream = new SensorStream(await openSensor(`${broker.url}/shed/motor?channels=x:g,y:g`));
      const first = stream.read();
      const link = await MqttLink.connect(broker.url, { clientId: 'sender', random: () => 0.5 });
      let isHeard = false;
      const heard = first.finally(() => {
        isHeard = true;
      });
      while (!isHeard) {
        await link.publish('shed/motor', '{"x": 1, "y": 2}');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(Array.from((await heard)!.values)).toEqual([1, 2]);
      await link.close();
      await stream.close();
    } finally {
      await broker.close();
    }
  });

  it.each(['mqtt://localhost', 'mqtt:shed', 'mqtt://localhost/shed/+'])('%s is refused', async (address) => {
    await expect(openSensor(address)).rejects.toThrow(/names no broker and topic; expected mqtt:\/\/localhost/);
  });
});
