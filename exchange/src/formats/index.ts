import type { ImmediateFormat } from '@spikewire/models';
import { cHeader } from './c/header.ts';
import { nir } from './nir.ts';
import { onnx } from './onnx.ts';

/**
 * Every format beyond those of devices; package.json names this module. A new one is a file and a line here.
 */
export const formats: readonly ImmediateFormat[] = [cHeader, nir, onnx];
