// All studies. A new one is a module and a row here.

const TRAINER = 'trainer/RESULTS.md';
const NODES = 'nodes/RESULTS.md';
const DEVICES = 'devices/RESULTS.md';

/**
 * By name: one line of help, the data that it reads, the page that it fills between the markers of its name, or whose
 * figures it prints, and its module. A module exports `page(site, standing)`, which gives the new text in the place of
 * the standing one, and as needed `rows`, `quickRows`, `options` (see site.mjs) and `steps(site)`, the runs before.
 *
 * @type {Record<string, { help: string, reads?: string, fills?: string, prints?: string, load(): Promise<object> }>}
 */
export const studies = {
  training: {
    help: 'accuracy of the training methods beside analogue nets, by seed',
    reads: 'fsdd, hapt, ../golden/nengo',
    fills: TRAINER,
    load: () => import('./training/training.mjs'),
  },
  conversion: {
    help: 'accuracy that conversion methods keep of analogue nets, by steps',
    fills: TRAINER,
    load: () => import('./conversion/conversion.mjs'),
  },
  masks: {
    help: 'overlap that conversion keeps of nets for masks',
    fills: TRAINER,
    load: () => import('./masks/masks.mjs'),
  },
  sensors: {
    help: 'convolutional nets on raw signals, and their times beside ONNX Runtime',
    reads: 'hapt, cwru-12k-de',
    fills: TRAINER,
    load: () => import('./sensors/sensors.mjs'),
  },
  streams: {
    help: 'learning on streams beside classifiers that learn as well',
    reads: 'gas-drift, hapt, fsdd, mitdb, cwru-12k-de, drift-streams',
    fills: TRAINER,
    load: () => import('./streams/streams.mjs'),
  },
  anomalies: {
    help: 'detectors of anomalies on recorded streams with labels',
    reads: 'nab, skab, wsn-suthaharan',
    fills: TRAINER,
    load: () => import('./streams/anomalies.mjs'),
  },
  'alarm-words': {
    help: 'false alarms and spikes found by the setting "Alarms" of spikewire-anomaly',
    fills: NODES,
    load: () => import('./streams/alarm-words.mjs'),
  },
  updates: {
    help: 'what a device keeps of its learning when another base comes: carry, rebase, reset, and the gate',
    reads: 'gas-drift, hapt, mitdb',
    fills: 'docs/updates.md',
    load: () => import('./updates/updates.mjs'),
  },
  'bearing-faults': {
    help: 'faults of bearings that spikewire-anomaly and other detectors find in Node-RED',
    reads: 'cwru-12k-de',
    fills: NODES,
    load: () => import('./bearings/faults.mjs'),
  },
  'bearing-classes': {
    help: 'damages of bearings that spikewire-classify and other classifiers name in Node-RED',
    reads: 'cwru-12k-de',
    fills: NODES,
    load: () => import('./bearings/classes.mjs'),
  },
  'node-red-rate': {
    help: 'delay of the event loop of Node-RED at 1,000 messages a second',
    fills: NODES,
    load: () => import('./node-red/rate.mjs'),
  },
  'palette-size': {
    help: 'size of the packed palette (npm run pack:palette), and memory of Node-RED with it',
    fills: NODES,
    load: () => import('./node-red/size.mjs'),
  },
  'iio-rate': {
    help: 'eight channels of 1,000 samples a second through Linux IIO: losses, processor time, age of results',
    prints: DEVICES,
    load: () => import('./iio-rate.mjs'),
  },
  'uno-threshold': {
    help: 'bytes that a threshold on the simulated Arduino Uno saves, and accuracy that it costs',
    reads: 'hapt',
    fills: DEVICES,
    load: () => import('./uno/threshold.mjs'),
  },
  'uno-errors': {
    help: 'wrong values from the simulated Arduino Uno when one byte in a thousand changes',
    prints: DEVICES,
    load: () => import('./uno/errors.mjs'),
  },
  'uno-rate': {
    help: 'highest sampling rate of the simulated Arduino Uno, by line rate and channels',
    fills: DEVICES,
    load: () => import('./uno/rate.mjs'),
  },
  cortex: {
    help: 'flash, memory and instructions of a C header on a Cortex-M, beside a dense net in int8',
    fills: 'exchange/RESULTS.md',
    load: () => import('./cortex/cortex.mjs'),
  },
  recordings: {
    help: 'no measurement: lays public data out as `spikewire train --data recordings:FOLDER` reads it',
    reads: 'fsdd, hapt, cwru-12k-de',
    prints: TRAINER,
    load: () => import('./shared/recordings.mjs'),
  },
  'analogue-onnx': {
    help: 'no measurement: writes the analogue net of a .spike file as an .onnx file',
    prints: TRAINER,
    load: () => import('./shared/analogue-onnx.mjs'),
  },
};
