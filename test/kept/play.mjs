// Plays a kept model: the first part of its input teaches it, then its state is saved; the rest asks it.
import { elementCount, resolveGraph } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';

/** Steps of a window of nets that take spikes. */
const WINDOW = 100;
/** What a spike of an input counts: so few neurons need much to become active. */
const STRENGTH = 40;

/** Monitors that look at the clock of this machine, by which the readings here come at once. */
const BY_CLOCK = ['rate', 'silence'];

/** Of a net that takes readings, a session; of one that takes spikes, the bare net. */
export function open(model, engine) {
  return model.channels.length > 0 ? new ReadingPlayer(model, engine) : new SpikePlayer(model, engine);
}

/** The input of a model, as plain data: what it is taught with, and what it is asked then. */
export function inputFor(model) {
  return model.channels.length > 0 ? readingsFor(model) : spikesFor(model);
}

class ReadingPlayer {
  #session;
  constructor(model, engine) {
    this.#session = new Session(model, new InProcessExecutor(engineNamed(engine), model));
  }

  /** Gives it readings, each with the label of its state where the net takes labels. */
  async play(readings) {
    const answers = [];
    for (const { time, values, label } of readings) {
      const outcome = await this.#session.feed({ time, values: Float64Array.from(values) });
      answers.push(answerOf(outcome));
      if (label !== undefined && !outcome.pending) await this.#session.teach({ kind: 'label', label, time });
    }
    return answers;
  }

  save() {
    return this.#session.save(() => 'notes');
  }

  async restore(state) {
    const { notes, learnedOnly } = await this.#session.restore(state);
    return { isWhole: notes === 'notes' && learnedOnly === undefined };
  }
}

class SpikePlayer {
  #network;
  constructor(model, engine) {
    this.#network = engineNamed(engine).load(model);
  }

  /** Gives it windows of events `[step, node, index, value]`; the answers are its outputs and all spikes. */
  async play(windows) {
    return windows.map((events) => {
      const input = new EventBuffer(Math.max(1, events.length));
      for (const event of events) input.push(...event);
      const [output, spikes] = [new EventBuffer(20_000), new EventBuffer(20_000)];
      this.#network.run(WINDOW, input, output, spikes);
      return { outputs: output.length, last: eventsIn(output).slice(-20), spikes: eventsIn(spikes) };
    });
  }

  async save() {
    return this.#network.save();
  }

  async restore(state) {
    return { isWhole: this.#network.restore(state) === undefined };
  }
}

/** What does not depend on the speed of the machine. Numbers that JSON does not have become text. */
function answerOf({ result, confidence, verdicts, error, spikes, learned }) {
  const scores = verdicts
    .filter(({ monitor }) => !BY_CLOCK.includes(monitor))
    .map(({ monitor, score, anomaly }) => [monitor, score, anomaly]);
  return JSON.parse(
    JSON.stringify({ result, confidence, scores, error, spikes, learned }, (_, value) => plainly(value)),
  );
}

function plainly(value) {
  if (ArrayBuffer.isView(value)) return [...value];
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function eventsIn({ length, step, node, index, value }) {
  return Array.from({ length }, (_, k) => [step[k], node[k], index[k], value[k]]);
}

/** A wave of whole tenths for each channel, higher in one of two states that are taught; one jump at the end. */
function readingsFor(model) {
  const isTaught = [...model.decoder.values()].some(({ type }) => type === 'teachable');
  const numbers = new Session(model, new InProcessExecutor(engineNamed('clocked'), model)).channels;
  const blockLength = numbers / model.channels.length;
  const wave = (k, period) => Math.abs((k % period) - period / 2) / 10;
  const readings = Array.from({ length: 112 }, (_, k) => {
    const isOn = Math.floor(k / 7) % 2 === 1;
    const sample = (channel, n) => wave(k + 3 * n, 14 + 6 * channel) + (isTaught && isOn ? 3 : 0) + (k === 110 ? 9 : 0);
    const values = model.channels.flatMap((_, c) => Array.from({ length: blockLength }, (_, n) => sample(c, n)));
    const label = isTaught && k >= 25 && k < 100 ? { label: isOn ? 'on' : 'off' } : {};
    return { time: 1000 * k, values, ...label };
  });
  return { taught: readings.slice(0, 100), asked: readings.slice(100) };
}

/** Windows of spikes, in which each element of an input has a period of its own. */
function spikesFor(model) {
  const { nodes } = resolveGraph(model.graph, model.semantics);
  const inputs = nodes.flatMap(({ kind, shape }, node) =>
    kind.role === 'input' ? [{ node, size: elementCount(shape) }] : [],
  );
  const windows = Array.from({ length: 6 }, (_, window) =>
    Array.from({ length: WINDOW }, (_, step) => step).flatMap((step) =>
      inputs.flatMap(({ node, size }) =>
        Array.from({ length: size }, (_, index) => index)
          .filter((index) => (step + window) % (3 + ((7 * index) % 11)) === 0)
          .map((index) => [step, node, index, STRENGTH]),
      ),
    ),
  );
  return { taught: windows.slice(0, 3), asked: windows.slice(3) };
}
