import { anomalyNode } from './anomaly.ts';
import { classifyNode } from './classify.ts';
import { decodeNode } from './decode.ts';
import { deviceNode } from './device.ts';
import { encodeNode } from './encode.ts';
import { featuresNode } from './features.ts';
import { inferNode } from './infer.ts';
import { learnNode } from './learn.ts';
import { monitorPlugin } from './monitor.ts';
import { netNode } from './net.ts';
import type { PaletteNode } from './node.ts';
import type { PalettePlugin } from './plugin.ts';
import { recordNode } from './record.ts';
import { sensorNode } from './sensor.ts';
import { sourceNode } from './source.ts';

/** All nodes, in the order in which the palette of the editor shows them: first what most people need. */
export const palette: readonly PaletteNode[] = [
  ...[anomalyNode, classifyNode, featuresNode, recordNode, sensorNode, sourceNode],
  ...[inferNode, learnNode, encodeNode, decodeNode],
  ...[netNode, deviceNode],
];

/** What the file of a type loads. */
export function paletteNodeOf(type: string): PaletteNode {
  return palette.find((node) => node.type === type)!;
}

/** What there is in the editor besides nodes. */
export const plugins: readonly PalettePlugin[] = [monitorPlugin];
