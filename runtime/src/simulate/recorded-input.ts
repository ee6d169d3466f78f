import {
  elementCount,
  type RecordedInput,
  type RecordingFormat,
  type ResolvedGraph,
  SpikewireError,
} from '@spikewire/models';

/**
 * The input of a net from a file of recordings, in the JSON form of `parseInput`. Throws `input` where the file has a
 * node that the net has not; `warn` is told of recordings that are not used.
 */
export async function readRecordedInput(
  format: RecordingFormat,
  bytes: Uint8Array,
  graph: ResolvedGraph,
  { sample, memory, warn }: { readonly sample: number; readonly memory: number; warn(line: string): void },
): Promise<Pick<RecordedInput, 'steps' | 'input'>> {
  const { nodes, semantics } = graph;
  const inputs = new Map(
    nodes.filter(({ kind }) => kind.role === 'input').map(({ name, shape }) => [name, elementCount(shape)]),
  );
  const { steps, input, others, notes } = await format.read!(bytes, { dt: semantics.dt, inputs, sample }, memory);
  const unknown = others.find((name) => !nodes.some((node) => node.name === name));
  if (unknown !== undefined) {
    const known = [...inputs.keys()].join(', ');
    throw new SpikewireError('input', `recorded node "${unknown}"`, 'is not in the net', `its Inputs: ${known}`);
  }
  for (const note of notes) warn(note);
  if (others.length > 0) warn(`recordings of ${others.join(', ')} are not an input, and are not used`);
  return { steps, input };
}
