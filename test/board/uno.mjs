// The simulated Arduino Uno with the firmware of devices/firmware, in simulated time: only `run` lets time pass.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../../devices/firmware/build.sh', import.meta.url));

/** Builds firmware and simulator in a folder, and gives their paths. */
export function buildUno(folder) {
  execFileSync('sh', [BUILD, '--simulator', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  return { firmware: join(folder, 'spikewire.elf'), simulator: join(folder, 'uno') };
}

export class Uno {
  /**
   * Levels of outputs, by pin.
   *
   * @type {Map<number, number>}
   */
  pins = new Map();
  /**
   * Told of each output that changed, with the time in microseconds.
   *
   * @type {(pin: number, level: number, time: number) => void}
   */
  onPin = (_pin, _level, _time) => {};
  #child;
  #ends = [];
  #sent = Buffer.alloc(0);
  #line;

  constructor({ firmware, simulator }) {
    this.#child = spawn(simulator, [firmware], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (said) => this.#hear(said.split(' ')));
    this.#child.on('close', () => {
      for (const end of this.#ends.splice(0)) end();
    });
  }

  /** Sets A0 to A5 to a voltage, 0 to 5, from now on. */
  analog(channel, volts) {
    this.#say(`analog ${channel} ${Math.round(volts * 1000)}`);
  }

  /** Pulls a pin to a level. */
  digital(pin, level) {
    this.#say(`digital ${pin} ${level}`);
  }

  /** Sends bytes to the board at the rate of the line. */
  send(bytes) {
    for (let at = 0; at < bytes.length; at += 1000) {
      this.#say(`send ${Buffer.from(bytes.subarray(at, at + 1000)).toString('hex')}`);
    }
  }

  /** Lets so many microseconds pass, and gives what the board sent in them; the line has it as well. */
  async run(microseconds) {
    this.#sent = Buffer.alloc(0);
    this.#say(`run ${microseconds}`);
    await new Promise((resolve) => this.#ends.push(resolve));
    if (this.#child.exitCode !== null) throw new Error('the simulated board ended');
    const sent = this.#sent;
    if (sent.length > 0) this.#line?.push(sent);
    return sent;
  }

  /** The line as a program on a host sees it. */
  get line() {
    const uno = this;
    this.#line ??= new Duplex({
      read() {},
      write(bytes, _encoding, done) {
        uno.send(bytes);
        done();
      },
    });
    return this.#line;
  }

  /**
   * Lets time pass until a promise is settled, and gives what it gives.
   *
   * @template Value
   * @param {Promise<Value>} promise
   * @returns {Promise<Value>}
   */
  async during(promise, step = 1000) {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    while (!isSettled) {
      await this.run(step);
      // What came is taken, and answered, before more time passes.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return settled;
  }

  async close() {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end();
    await once(this.#child, 'close');
  }

  #say(command) {
    this.#child.stdin.write(`${command}\n`);
  }

  #hear([word, ...rest]) {
    if (word === 'sent') this.#sent = Buffer.concat([this.#sent, Buffer.from(rest[0], 'hex')]);
    if (word === 'at') this.#ends.shift()?.();
    if (word !== 'pin') return;
    const [pin, level, time] = rest.map(Number);
    this.pins.set(pin, level);
    this.onPin(pin, level, time);
  }
}
