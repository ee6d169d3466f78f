import { bpStdp } from './bp-stdp.ts';
import { diehlCook } from './diehl-cook.ts';
import { diet } from './diet.ts';
import { kd } from './kd.ts';
import { kheradpisheh } from './kheradpisheh.ts';
import type { Method } from './method.ts';
import { nef } from './nef.ts';
import { online } from './online.ts';
import { patel } from './patel.ts';
import { rathi } from './rathi.ts';
import { resume } from './resume.ts';
import { rnl } from './rnl.ts';
import { sbbp } from './sbbp.ts';
import { softlif } from './softlif.ts';
import { spikeprop } from './spikeprop.ts';
import { stbp } from './stbp.ts';
import { whetstone } from './whetstone.ts';

/** Every method. A new one is a file of its own and a line here. */
export const methods: readonly Method[] = [
  stbp,
  spikeprop,
  resume,
  sbbp,
  bpStdp,
  nef,
  online,
  diehlCook,
  kheradpisheh,
  diet,
  kd,
  rathi,
  whetstone,
  rnl,
  softlif,
  patel,
];
