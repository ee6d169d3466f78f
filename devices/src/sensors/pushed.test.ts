import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
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
  return (scheme === 'http' ? httpDriver : mqttDriver('mqtt')).open(name, new SensorSettings(address, texts));
}

/** Posts once somebody listens there. */
async function post(url: string, body: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  for (;;) {
    const response = await fetch(url, { method: 'POST', body, headers }).catch(() => undefined);
    if (response !== undefined) return [response.status, await response.text()];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Posts the number 4 to this machine by a name. */
function statusFor(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method: 'POST', headers: { host } }, ({ statusCode }) =>
      resolve(statusCode),
    );
    sent.on('error', reject).end('4');
  });
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
    expect(await post(url, '{"x": 7, "y": 8}\n[9, 10]\n')).toEqual([204, '']);
    const two = [await stream.read(), await stream.read()].map((reading) => Array.from(reading!.values));
    expect(two).toEqual([
      [7, 8],
      [9, 10],
    ]);
    expect(await post(url, '7')).toEqual([400, 'line "7": has 1 number; expected x, y\n']);
    expect(await post(url, '{"x": 7}')).toEqual([400, 'channel y: is missing; expected a finite number\n']);
    // All or nothing.
    expect((await post(url, '1,2\n3,z\n'))[0]).toBe(400);
    expect((await post(url, ' \n'))[0]).toBe(400);
    expect(await post(`http://127.0.0.1:${port}/`, '7,8')).toEqual([404, 'path /: unknown; expected /shed\n']);
    const got = await fetch(url);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await post(url, '1'.repeat(2 ** 18 + 1))).toEqual([413, 'body: too long; expected at most 262144 bytes\n']);
    expect(await post(url, '1,2\n'.repeat(1001))).toEqual([413, 'body: has 1001 lines; expected at most 1000\n']);
    expect(stream.figures).toMatchObject({ samples: 5, taken: 5, nonFinite: 0, problems: 3 });
    await stream.close();
  });

  it('takes nothing from pages of other sites, nor by a name that is not its own', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const stream = new SensorStream(await openSensor(url));
    const first = stream.read();
    expect((await post(url, '1', { origin: 'http://elsewhere.example' }))[0]).toBe(403);
    expect((await post(url, '2', { 'sec-fetch-site': 'cross-site' }))[0]).toBe(403);
    expect(await statusFor('elsewhere.example', port)).toBe(403);
    expect(await statusFor('localhost', port)).toBe(204);
    expect((await first)!.values).toEqual(Float64Array.of(4));
    await stream.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('drops the oldest where nobody takes what is posted, and counts them', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const stream = new SensorStream(await openSensor(url));
    const first = stream.read();
    await post(url, '0');
    await first;
    for (let k = 0; k < 3; k++) expect((await post(url, '1\n'.repeat(999) + String(k)))[0]).toBe(204);
    await vi.waitFor(() => expect(stream.figures.samples).toBe(3001));
    expect(stream.figures).toMatchObject({ taken: 1, dropped: 3000 - 1024 });
    await stream.close();
  });

  it('waits for a port that another program has', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    const said = vi.fn();
    const stream = new SensorStream(await openSensor(url), { onProblem: ({ message }) => said(message) });
    const first = stream.read();
    await vi.waitFor(() => expect(said).toHaveBeenCalledWith(`${url}: is in use; expected another port, or its end`));
    other.close();
    await post(url, '5');
    expect((await first)!.values).toEqual(Float64Array.of(5));
    await stream.close();
  });

  it('listens beyond this device only behind a token that nobody finds by trying', async () => {
    await expect(openSensor('http://0.0.0.0:8090/')).rejects.toThrow(/listens beyond this device; expected a token/);
    await expect(openSensor('http://127.0.0.1/')).rejects.toThrow(/does not say where to listen/);
    vi.stubEnv('SPIKEWIRE_SENSOR_TOKEN', 'sesame');
    await expect(openSensor('http://0.0.0.0:8090/')).rejects.toThrow(/TOKEN: has 6 characters; expected 16/);
    vi.stubEnv('SPIKEWIRE_SENSOR_TOKEN', 'open, sesame, open');
    const port = await freePort();
    const stream = new SensorStream(await openSensor(`http://0.0.0.0:${port}/`));
    const first = stream.read();
    const url = `http://127.0.0.1:${port}/`;
    const refused = 'no valid token; expected authorization: Bearer with the token that the sensor was given\n';
    expect(await post(url, '1')).toEqual([401, refused]);
    expect(await post(url, '1', { authorization: 'Bearer open, sesame, ope' })).toEqual([401, refused]);
    expect((await post(url, '2', { authorization: 'Bearer open, sesame, open' }))[0]).toBe(204);
    expect((await first)!.values).toEqual(Float64Array.of(2));
    await stream.close();
  });
});

describe('MQTT', () => {
  it('gives the messages of a topic, tells what is wrong, and goes on after the broker was away', async (context) => {
    needs(context, 'mosquitto');
    const broker = (await startMosquitto())!;
    const said: string[] = [];
    const address = `${broker.url}/shed/motor?channels=x:g,y:g`;
    const stream = new SensorStream(await openSensor(address), { onProblem: ({ message }) => said.push(message) });
    const link = await MqttLink.connect(broker.url, { clientId: 'sender', random: () => 0.5 });
    /** Publishes until something comes, because nobody keeps what comes before there is a subscriber. */
    const publishUntil = async (payload: string, heard: Promise<unknown>) => {
      const sending = setInterval(() => void link.publish('shed/motor', payload), 50);
      await heard.finally(() => clearInterval(sending));
    };
    try {
      const first = stream.read();
      await publishUntil('{"x": 1, "y": 2}', first);
      expect(Array.from((await first)!.values)).toEqual([1, 2]);
      await publishUntil(
        'off',
        vi.waitFor(() => expect(said).not.toEqual([])),
      );
      expect(said[0]).toMatch(/^mqtt:.*line "off": has 1 number; expected x, y$/);
      await broker.stop();
      await vi.waitFor(() => expect(said.at(-1)).toMatch(/: broker mqtt:.*: connection refused/), 10_000);
      await broker.start();
      const seen = (async () => {
        while (Array.from((await stream.read())!.values)[0] !== 3);
      })();
      await publishUntil('3 4', seen);
      expect(stream.figures).toMatchObject({ problem: null, dropped: 0 });
    } finally {
      await link.close();
      await stream.close();
      await broker.close();
    }
  });

  it('takes words of switches where there is one channel', async (context) => {
    needs(context, 'mosquitto');
    const broker = (await startMosquitto())!;
    const stream = new SensorStream(await openSensor(`${broker.url}/door`));
    const link = await MqttLink.connect(broker.url, { clientId: 'sender', random: () => 0.5 });
    try {
      for (const [k, payload] of ['ON', 'OFF', '21.5', '[22]'].entries()) {
        await link.publish('door', payload, { retain: true });
        const values = (await stream.read())!.values;
        expect(Array.from(values)).toEqual([[1], [0], [21.5], [22]][k]);
      }
    } finally {
      await link.close();
      await stream.close();
      await broker.close();
    }
  });

  it('asks for a password in the environment, and never repeats one', async () => {
    await expect(openSensor('mqtt://me:secret@localhost/shed')).rejects.toMatchObject({
      code: 'usage',
      message: 'mqtt:…/shed: has a password; expected SPIKEWIRE_MQTT_PASSWORD or SPIKEWIRE_MQTT_PASSWORD_FILE',
    });
    vi.stubEnv('SPIKEWIRE_MQTT_PASSWORD', 'secret');
    await expect(openSensor('mqtt://localhost/shed')).rejects.toThrow(/--mqtt-user: is missing/);
  });

  it.each(['mqtt://localhost', 'mqtt:shed', 'mqtt://localhost/shed/+'])('%s is refused', async (address) => {
    await expect(openSensor(address)).rejects.toThrow(/names no broker and topic; expected mqtt:\/\/localhost/);
  });
});
