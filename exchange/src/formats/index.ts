import type { ImmediateFormat } from '@spikewire/models';
import { cHeader } from './c/header.ts';
import { netx } from './netx.ts';
import { nir } from './nir.ts';
import { onnx } from './onnx.ts';

/**
 * Every format beyond those of devices; package.json names this module. A new one is a file and a line here.
 * Files of netx and of NIR are HDF5; netx comes first, as it looks for its layers.
 */
export const formats: readonly ImmediateFormat[] = [cHeader, netx, nir, onnx];
