import type { DataSource } from '@spikewire/engine/data';
import { events } from './events.ts';
import { fashionMnist } from './fashion-mnist.ts';
import { functionData } from './function.ts';
import { masks } from './masks.ts';
import { mnist } from './mnist.ts';
import { recordings } from './recordings.ts';
import { runData } from './run.ts';
import { shapes } from './shapes.ts';
import { stream } from './stream.ts';
import { breastCancer, digits, iris } from './tables.ts';
import { trains } from './trains.ts';
import { xor } from './xor.ts';
import { yinYang } from './yin-yang.ts';

/**
 * Data sets that this package adds to the runtime's; found there by resolution. A new one is a file and a line here.
 */
export const dataSources: readonly DataSource[] = [
  mnist,
  fashionMnist,
  digits,
  iris,
  breastCancer,
  xor,
  yinYang,
  functionData,
  shapes,
  masks,
  trains,
  events,
  stream,
  recordings,
  runData,
];
