import { connectAsync } from 'mqtt';

/**
 * Two connections, one that publishes and one that subscribes, beside contestants that answer on `<name>/out/<net>`.
 */
export class Load {
  #publisher;
  #subscriber;
  #payloadOf;
  #nets;
  /** Called with each answer. */
  #onAnswer = () => {};
  #sent = 0;

  static async open(url, nets, payloadOf) {
    const load = new Load();
    load.#nets = nets;
    load.#payloadOf = payloadOf;
    load.#publisher = await connectAsync(url, { protocolVersion: 5 });
    load.#subscriber = await connectAsync(url, { protocolVersion: 5 });
    load.#subscriber.on('message', () => load.#onAnswer());
    return load;
  }

  async close() {
    await Promise.all([this.#publisher.endAsync(true), this.#subscriber.endAsync(true)]);
  }

  async listenTo(name) {
    await this.#subscriber.subscribeAsync(`${name}/out/+`, { qos: 1 });
  }

  #send(name, qos) {
    const k = this.#sent++;
    const payload = this.#payloadOf(Math.floor(k / this.#nets));
    this.#publisher.publish(`${name}/in/${k % this.#nets}`, payload, { qos });
  }

  /** Answers a second while `underWay` messages always wait for theirs, so that no queue is ever full. */
  async rate(name, qos, underWay, milliseconds) {
    let answers = 0;
    let waiting = underWay;
    const began = performance.now();
    const end = new Promise((resolve) => {
      this.#onAnswer = () => {
        answers++;
        if (performance.now() - began < milliseconds) this.#send(name, qos);
        else if (--waiting === 0) resolve((1000 * answers) / (performance.now() - began));
      };
    });
    for (let k = 0; k < underWay; k++) this.#send(name, qos);
    return end;
  }

  /** Milliseconds from a message of a quiet sensor to its answer, one after the other. */
  async latencies(name, count, pause) {
    const times = [];
    for (let k = 0; k < count; k++) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const began = performance.now();
      await new Promise((resolve) => {
        this.#onAnswer = resolve;
        this.#send(name, 1);
      });
      times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b);
  }
}
