import type { MonitorDeclaration } from '../../model/model.ts';
import { monitorKindOf, monitorKinds } from '../../monitoring/monitors.ts';
import { MOST_MONITORS } from '../../monitoring/watch.ts';
import { readParameters } from '../../parameters/read.ts';
import type { JsonTree } from './json-tree.ts';
import type { Place } from './place.ts';
import type { DocumentWriter } from './writer.ts';

/** Reads what watches the stream: one monitor, or a list of them side by side. */
export function parseMonitors(place: Place): MonitorDeclaration[] {
  if (!Array.isArray(place.value)) return [parseMonitor(place)];
  const { length } = place.value;
  if (length > MOST_MONITORS) place.fail(`has ${length} entries`, `at most ${MOST_MONITORS}`);
  return place.list(parseMonitor);
}

/** What is stated stays as it is; defaults are left to whoever runs the monitor. */
function parseMonitor(place: Place): MonitorDeclaration {
  const types = monitorKinds.map(({ type }) => type);
  const type = place.need(place.members(), 'type', types.join(' or ')).choice(types);
  const { type: _type, ...parameters } = place.jsonObject();
  readParameters(place.path, parameters, monitorKindOf(type, place.path).parameters);
  return { type, parameters };
}

export function formatMonitors(monitors: readonly MonitorDeclaration[], writer: DocumentWriter): JsonTree {
  const formatted = monitors.map(({ type, parameters }) => writer.members({ type, ...parameters }));
  return formatted.length === 1 ? formatted[0]! : formatted;
}
