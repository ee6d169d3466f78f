// One life of a net: goes on from its store, takes a reading, is told to save, prints what came of it, and goes on
// learning until it is killed.
import { nextReadingModel, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { Desk } from 'spikewire/desk';
import { inProcess } from 'spikewire/executor';
import { NetPool } from 'spikewire/session';

const model = writeModel(nextReadingModel({ channels: [{ name: 'level', unit: 'm' }] }));
const [directory, bytesPerDay] = process.argv.slice(2);
const pool = new NetPool(model, inProcess(engineNamed('clocked')), {
  directory,
  storeLimits: { bytesPerDay: Number(bytesPerDay) },
});
const desk = new Desk(pool);
const learn = (k) => desk.feed('pump', { time: k, values: Float64Array.of(Math.sin(k)) });

const { sequence } = await learn(Date.now());
const answer = await desk.command('pump', 'save').catch(({ message }) => message);
console.log(JSON.stringify({ readings: sequence, answer, ...pool.storeUse }));
for (let k = 0; ; k++) await learn(k);
