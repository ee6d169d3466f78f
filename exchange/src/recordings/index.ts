import type { RecordingFormat } from '@spikewire/models';
import { nirData } from './nir-data.ts';

/** Every format of recordings beyond those of devices; package.json names this module. */
export const recordings: readonly RecordingFormat[] = [nirData];
