import type { Format } from '@spikewire/models';
import { spinnakerNetwork } from './accelerators/spinnaker/network-format.ts';

/** What boards keep of nets; package.json names this module. */
export const formats: readonly Format[] = [spinnakerNetwork];
