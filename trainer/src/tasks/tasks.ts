import type { Task } from '../stream-eval/task.ts';
import { cwru, cwruLoad } from './cwru.ts';
import { elec2 } from './elec2.ts';
import { fsdd, fsddTrained } from './fsdd.ts';
import { gasDrift } from './gas-drift.ts';
import { hapt, haptTurned } from './hapt.ts';
import { mitdb } from './mitdb.ts';
import { nab } from './nab.ts';
import { recording } from './recording.ts';
import { sea } from './sea.ts';
import { skab } from './skab.ts';
import { wsn } from './wsn.ts';

/** The tasks of `stream-eval`. A new one is a file of its own and a line here. */
export const tasks: readonly Task[] = [
  gasDrift,
  hapt,
  haptTurned,
  fsdd,
  fsddTrained,
  mitdb,
  cwru,
  cwruLoad,
  elec2,
  sea,
  nab,
  skab,
  wsn,
  recording,
];
