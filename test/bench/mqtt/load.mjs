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
  /** By contestant. */
  #sent = new Map();

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
    const k = this.#sent.get(name) ?? 0;
    this.#sent.set(name, k + 1);
    const payload = this.#payloadOf(Math.floor(k / this.#nets));
    this.#publisher.publish(`${name}/in/${k % this.#nets}`, payload, { qos });
  }

  /**
   * Answers, and those in a second, while `underWay` messages always wait for theirs, so that no queue is ever full.
   */
  async rate(name, qos, underWay, milliseconds) {
    let answers = 0;
    let waiting = underWay;
    const began = performance.now();
    const end = new Promise((resolve) => {
      this.#onAnswer = () => {
        answers++;
        if (performance.now() - began < milliseconds) this.#send(name, qos);
        else if (--waiting === 0) resolve({ answers, rate: (1000 * answers) / (performance.now() - began) });
      };
    });
    for (let k = 0; k < underWay; k++) this.#send(name, qos);
    return end;
  }

  /**
   * Milliseconds from a message of a quiet sensor to its answer, in order of size: one message after the other, to all
   * in turn, after a pause each.
   */
  async latencies(names, count, pause) {
    const times = Object.fromEntries(names.map((name) => [name, []]));
    for (let k = 0; k < count; k++) {
      for (const name of names) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        times[name].push(await this.#latency(name));
      }
    }
    for (const name of names) times[name].sort((a, b) => a - b);
    return times;
  }

  async #latency(name) {
    const began = performance.now();
    await new Promise((resolve) => {
      this.#onAnswer = resolve;
      this.#send(name, 1);
    });
    return performance.now() - began;
  }
}
