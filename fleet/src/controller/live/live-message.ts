import { LARGEST_LIVE, type LiveValues } from 'spikewire/agent';
import { z } from 'zod';

const LONGEST_ANSWER = 128;

/** What a later release adds is left out. */
const values: z.ZodType<LiveValues> = z.object({
  readings: z.number().int().min(0),
  score: z.number().optional(),
  anomaly: z.boolean().optional(),
  answer: z.union([z.string().max(LONGEST_ANSWER), z.number()]).optional(),
});

/** The machine that a topic ends with; undefined if it is not the name of a machine. */
export function machineIn(topic: string): string | undefined {
  return /\/([\w-]{1,64})$/.exec(topic)?.[1];
}

/** Live values as a message has them; undefined for anything else. */
export function readLive(payload: Uint8Array): LiveValues | undefined {
  if (payload.length > LARGEST_LIVE) return undefined;
  try {
    return values.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))).data;
  } catch {
    return undefined;
  }
}
