import { connectAsync } from 'mqtt';

/** Readings that wait for their answers. */
const UNDER_WAY = 500;

/** Many sensors that speak in turn, `perSecond` readings of all together, and what came back of each. */
export class Sensors {
  #client;
  #count;
  /** By sensor: readings sent, results and errors that came back, and the number of the last one. */
  sent;
  answered;
  last;
  errors = 0;

  static async open(url, count) {
    const sensors = new Sensors();
    sensors.#count = count;
    for (const name of ['sent', 'answered', 'last']) sensors[name] = new Float64Array(count);
    sensors.#client = await connectAsync(url, { protocolVersion: 5 });
    sensors.#client.on('message', (topic, payload) => sensors.#take(topic, payload));
    await sensors.#client.subscribeAsync('result/#', { qos: 1 });
    return sensors;
  }

  #take(topic, payload) {
    if (topic.includes('/error')) {
      this.errors++;
      return;
    }
    const sensor = Number(topic.split('/')[1]);
    if (Number.isNaN(sensor)) return; // the status of the connection
    this.answered[sensor]++;
    this.last[sensor] = JSON.parse(payload).seq;
  }

  /** `rounds` readings of each sensor, no more at a time than queues hold; resolves when all are sent. */
  async speak(rounds, perSecond) {
    const total = rounds * this.#count;
    const began = performance.now();
    for (let k = 0; k < total; ) {
      const due = Math.min(total, Math.ceil(((performance.now() - began) / 1000) * perSecond));
      for (; k < due && this.missing - this.errors < UNDER_WAY; k++) this.#send(k % this.#count);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #send(sensor) {
    const n = this.sent[sensor]++;
    const value = (20 + sensor / 100 + 5 * Math.sin(n / 3 + sensor)).toFixed(3);
    this.#client.publish(`sensor/${sensor}`, `{"value":${value}}`, { qos: 1 });
  }

  /** Readings that have no answer, an error included. */
  get missing() {
    return this.sent.reduce((sum, count, k) => sum + count - this.answered[k], 0);
  }

  /** Resolves when all are answered, or none has been for so long. */
  async allAnswered(patience = 10_000) {
    let [last, since] = [this.missing, performance.now()];
    while (this.missing > 0 && performance.now() - since < patience) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (this.missing < last) [last, since] = [this.missing, performance.now()];
    }
  }

  close() {
    return this.#client.endAsync(true);
  }
}
