import { type Model, type MonitorDeclaration, monitorKindOf, readParameters } from '@spikewire/models';
import { Plant } from './plant.ts';
import type { MovedSensor } from './scorecard.ts';
import { loadMoteStreams } from './wsn.ts';

/** One sensor is moved for ever, so that a person sees within a minute what learning does. */
export const MOVED: MovedSensor = { stream: 'single-hop-2', reading: 2000, shift: 3 };
export const RANGE_WARM_UP = 300;
export const ROUTES = { in: 'motes/+/reading', out: 'motes/+/prediction' } as const;

/** The eight motes, one of which is moved. */
export async function loadPlant(): Promise<Plant> {
  return new Plant(await loadMoteStreams(), MOVED);
}

export function readingTopic(id: string): string {
  return ROUTES.in.replace('+', id);
}

/**
 * What every detector is scored by: it may learn from the warm-up of the ranges, that of the error, and one reading to
 * predict from.
 */
export function scoringOf(monitor: MonitorDeclaration): { warmUp: number; holdOff: number } {
  const { warmUp, holdOff } = settingsOf(monitor);
  return { warmUp: RANGE_WARM_UP + warmUp + 1, holdOff };
}

/** A monitor's parameters, with the defaults of those that are left out. */
export function settingsOf({ type, parameters }: MonitorDeclaration) {
  return readParameters('monitor', parameters, monitorKindOf(type, 'monitor').parameters);
}

/** The first monitor of a model with what was asked for. */
export function monitorOf({ monitors }: Model, asked: MonitorDeclaration['parameters']): MonitorDeclaration {
  const { type, parameters } = monitors![0]!;
  return { type, parameters: { ...parameters, ...asked } };
}

export function movedNotice({ streams, moved: { stream, reading, shift } }: Plant): string {
  const { name } = streams.find(({ id }) => id === stream)!;
  return `${name}: sensor moved by +${shift} °C at reading ${reading}, for ever`;
}

/** What a person sees of each mote with which something happens, in a sentence. */
export function aboutMotes({ streams, moved: { stream, reading, shift } }: Plant): Map<string, string> {
  const steamed = streams.filter(({ events }) => events.length > 0).map(({ id }) => id);
  return new Map([
    ...steamed.map(
      (id) => [id, 'Steam is let near this sensor for a while: that is what the net is to flag.'] as const,
    ),
    [
      stream,
      `From reading ${reading} on this sensor shows ${shift} °C too much: ` +
        'the net flags the jump, learns the new level ' +
        'and is quiet again.',
    ],
  ]);
}
