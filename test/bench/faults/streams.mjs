// Streams to inject faults into. Each gives its readings one by one, may be played faster, and says what is large for
// it.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { RandomGenerator } from '@spikewire/models';

const sensorNoise = (seed, deviation) => {
  const random = new RandomGenerator(seed, 'noise');
  return () => deviation * random.nextNormal();
};

const wave = (name, { period, amplitude, noise, large, slope }) => ({
  name,
  channels: [{ name: 'temperature', unit: '°C' }],
  middle: 20,
  large,
  slope,
  start(seed) {
    const drawn = sensorNoise(seed, noise);
    let phase = 0;
    return (speed = 1) => {
      phase += speed;
      return [20 + amplitude * Math.sin((2 * Math.PI * phase) / period) + drawn()];
    };
  },
});

const randomWalk = {
  name: 'random walk',
  channels: [{ name: 'temperature', unit: '°C' }],
  large: 5,
  slope: 0.05,
  start(seed) {
    const change = sensorNoise(seed, 0.1);
    let value = 20;
    return (speed = 1) => {
      for (let k = 0; k < speed; k++) value += change();
      return [value];
    };
  },
};

/**
 * A mote without a labelled event: humidity and temperature, one reading each 5 s, played forwards and backwards. A
 * seed is a place to begin at.
 */
const MOTE = '2';
/** Readings by which the next seed begins later. */
const PLACES = 1000;
const wsn = {
  name: 'wsn',
  channels: [
    { name: 'temperature', unit: '°C' },
    { name: 'humidity', unit: '%' },
  ],
  large: 5,
  slope: 0.01,
  start(seed) {
    const readings = mote();
    let place = PLACES * seed - 1;
    return (speed = 1) => {
      place += speed;
      const turn = place % (2 * readings.length);
      return readings[turn < readings.length ? turn : 2 * readings.length - 1 - turn];
    };
  },
};

let loaded;
function mote() {
  loaded ??= gunzipSync(readFileSync(new URL('../../../demo/data/wsn/multi-hop.csv.gz', import.meta.url)))
    .toString()
    .trim()
    .split(/\r?\n/)
    .map((row) => row.split(','))
    .filter(([, id]) => id === MOTE)
    .map(([, , , humidity, temperature]) => [Number(temperature), Number(humidity)]);
  return loaded;
}

export const streams = [
  wave('sine', { period: 48, amplitude: 1, noise: 0.02, large: 5, slope: 0.005 }),
  randomWalk,
  wave('day cycle', { period: 1440, amplitude: 5, noise: 0.1, large: 5, slope: 0.02 }),
  wsn,
];
