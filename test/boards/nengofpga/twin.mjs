// A board with NengoFPGA, as far as the open side of the protocol shows it (nengo-fpga e0bd838): what `python <script>`
// runs there. It computes in float32. That the closed script scales PES and orders a step as Nengo does is assumed:
// decode with D, then D −= rate·dt/n · e aᵀ, with the activity of the same step and without a filter; the feedback of
// a step acts in the next one.
//
//   node twin.mjs --faults=<JSON> <script> --host_ip=… --remote_ip=… --udp_port=… --arg_data_file=…
//   node twin.mjs --faults=<JSON> <script> --host_ip=… --tcp_port=…
//
// Faults: loss, doubled, delayed: shares of packets, each way, by `seed`; delay: packets that come from the host in
// between, so that it has given up what is late, however fast the machine is; first: the first packet is lost; before:
// a number that comes first, as from a former session; swapped: byte order; shifted: words; code: sent in the place of
// the first packet; stranger: another address sends a number before the board does; says: a line in the place of
// everything; silentAfter, diesAfter: packets; rate: by how much it learns other than Nengo; deaf: it drops packets
// with a lesson; timeBits: bits of a time in its answers; decoders: a file to which it writes D, row by row, at the
// end.

import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { readParameters } from './parameters.mjs';

const words = Object.fromEntries(
  process.argv.slice(2).flatMap((word) => {
    const [, key, value] = /^--(\w+)=(.*)$/s.exec(word) ?? [];
    return key === undefined ? [] : [[key, value]];
  }),
);
const faults = JSON.parse(words.faults);

/** Mulberry32. */
let seed = faults.seed ?? 1;
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** What is late: how many packets from the host it waits for, and what is done then. */
const late = [];

/** Does it once, never, twice or later. */
function overTheWire(act) {
  if (random() < (faults.loss ?? 0)) return;
  const times = random() < (faults.doubled ?? 0) ? 2 : 1;
  for (let k = 0; k < times; k++) {
    if (random() < (faults.delayed ?? 0)) late.push({ packets: Math.ceil(random() * faults.delay), act });
    else act();
  }
}

function countPacket() {
  for (const each of late.splice(0))
    if (--each.packets > 0) late.push(each);
    else each.act();
}

/** A time to so many bits. */
function rounded(time) {
  if (faults.timeBits === undefined || time === 0) return time;
  const unit = 2 ** (Math.floor(Math.log2(time)) + 1 - faults.timeBits);
  return Math.round(time / unit) * unit;
}

const f = Math.fround;

class Ensemble {
  constructor({ sim_args, ens_args, conn_args, recur_args }) {
    const { input_dimensions, output_dimensions, n_neurons, neuron_type } = ens_args;
    Object.assign(this, { inputs: input_dimensions, outputs: output_dimensions, n: n_neurons, dt: sim_args.dt });
    const matrix = ({ shape, numbers }, ...wanted) => {
      if (shape.join() !== wanted.join()) throw new Error(`an array of ${shape}, not ${wanted}`);
      return Float32Array.from(numbers);
    };
    this.bias = matrix(ens_args.bias, this.n);
    this.encoders = matrix(ens_args.scaled_encoders, this.n, this.inputs);
    this.decoders = matrix(conn_args.weights, this.outputs, this.n);
    this.rate = f((conn_args.learning_rate * (faults.rate ?? 1) * this.dt) / this.n);
    this.spiking = { RectifiedLinear: false, SpikingRectifiedLinear: true }[neuron_type];
    if (this.spiking === undefined) throw new Error(`neurons of type ${neuron_type}`);
    this.voltage = new Float32Array(this.n);
    this.activity = new Float32Array(this.n);
    this.fed = new Float32Array(this.inputs);
    if (recur_args.weights !== 0) {
      this.recurrent = matrix(recur_args.weights, this.inputs, this.n);
      this.decay = f(Math.exp(-this.dt / recur_args.tau));
    }
  }

  step(x, e) {
    const { n, inputs, outputs, activity } = this;
    for (let i = 0; i < n; i++) {
      let current = this.bias[i];
      for (let k = 0; k < inputs; k++) current = f(current + f(this.encoders[i * inputs + k] * f(x[k] + this.fed[k])));
      activity[i] = Math.max(0, current);
      if (!this.spiking) continue;
      const voltage = f(this.voltage[i] + f(activity[i] * f(this.dt)));
      const spikes = Math.floor(voltage);
      this.voltage[i] = voltage - spikes;
      activity[i] = spikes / this.dt;
    }
    const times = (weights, row) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum = f(sum + f(weights[row * n + i] * activity[i]));
      return sum;
    };
    const y = Array.from({ length: outputs }, (_, j) => times(this.decoders, j));
    for (let j = 0; j < outputs; j++) {
      const step = f(this.rate * f(e[j]));
      if (step === 0) continue;
      for (let i = 0; i < n; i++) this.decoders[j * n + i] -= f(step * activity[i]);
    }
    if (this.recurrent)
      for (let k = 0; k < inputs; k++)
        this.fed[k] = f(f(this.decay * this.fed[k]) + f(f(1 - this.decay) * times(this.recurrent, k)));
    return y;
  }
}

function runEnsemble() {
  const ensemble = new Ensemble(readParameters(readFileSync(words.arg_data_file)));
  const socket = createSocket('udp4');
  const port = Number(words.udp_port);
  const send = (numbers) => {
    const bytes = Buffer.alloc(8 * numbers.length);
    for (const [k, number] of numbers.entries()) bytes.writeDoubleLE(number, 8 * k);
    if (faults.swapped) bytes.swap64();
    const sent = faults.shifted ? Buffer.concat([bytes.subarray(8), bytes.subarray(0, 8)]) : bytes;
    socket.send(sent, port, words.host_ip, () => {});
  };
  const zeros = new Array(ensemble.outputs).fill(0);
  let packets = 0;
  socket.on('message', (bytes) => {
    const numbers = Array.from({ length: bytes.length / 8 }, (_, k) => bytes.readDoubleLE(8 * k));
    if (numbers.every((number) => number === -1)) {
      if (faults.decoders !== undefined) writeFileSync(faults.decoders, JSON.stringify([...ensemble.decoders]));
      process.exit(0);
    }
    if (numbers.length !== 1 + ensemble.inputs + ensemble.outputs) throw new Error(`${numbers.length} numbers`);
    if (packets++ >= (faults.diesAfter ?? Infinity)) process.exit(3);
    if (packets > (faults.silentAfter ?? Infinity)) return;
    if (faults.deaf && numbers.slice(1 + ensemble.inputs).some((e) => e !== 0)) return;
    overTheWire(() => {
      const x = numbers.slice(1, 1 + ensemble.inputs);
      const y = ensemble.step(x, numbers.slice(1 + ensemble.inputs));
      overTheWire(() => send([rounded(numbers[0]), ...y]));
    });
    countPacket();
  });
  socket.bind(port, words.remote_ip, () => {
    if (faults.before !== undefined) send([faults.before, ...zeros]);
    if (!faults.first) send([faults.code ?? 0, ...zeros]);
  });
}

/** With `stranger`, a program of another address is faster. */
function tellNumber() {
  const tell = (localAddress, number, next = () => {}) =>
    connect({ port: Number(words.tcp_port), host: words.host_ip, localAddress }, function () {
      this.on('error', () => {})
        .on('close', next)
        .end(Buffer.from(number, 'hex'));
    });
  const tellOwn = () => tell('127.0.0.2', '0123456789abcdef');
  if (faults.stranger) tell('127.0.0.3', 'ffffffffffffffff', tellOwn);
  else tellOwn();
}

if (faults.says !== undefined) process.stdout.write(`${faults.says}\n`);
else if (words.tcp_port === undefined) runEnsemble();
else tellNumber();
setTimeout(() => process.exit(0), 900_000).unref();
