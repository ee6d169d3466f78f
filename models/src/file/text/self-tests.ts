import type { SelfTest } from '../../model/model.ts';
import type { Tensor } from '../../tensor.ts';
import type { JsonTree } from './json-tree.ts';
import { parseTensor, type TensorSource } from './numbers.ts';
import type { Place } from './place.ts';
import { parseByNode } from './quantization.ts';
import type { DocumentWriter } from './writer.ts';

/** Step, element, value. */
const EVENT_COLUMNS = 3;

export function parseSelfTest(place: Place, tensors: TensorSource): SelfTest {
  const members = place.object(['steps', 'input', 'output', 'membranes']);
  const parseRows = (rows: Place) => parseEvents(rows, tensors);
  const membranes = members.get('membranes');
  return {
    steps: place.need(members, 'steps', 'a number of steps').integer(1),
    input: parseByNode(place.need(members, 'input', 'events of the Input nodes'), parseRows),
    output: parseByNode(place.need(members, 'output', 'events of the Output nodes'), parseRows),
    ...(membranes && { membranes: parseByNode(membranes, (values) => parseTensor(values, tensors)) }),
  };
}

/** Whether steps and elements exist is checked with the model. */
function parseEvents(place: Place, tensors: TensorSource): Tensor {
  const events = parseTensor(place, tensors);
  if (events.shape.length === 1 && events.data.length === 0) return { shape: [0, EVENT_COLUMNS], data: events.data };
  if (events.shape.length === 2 && events.shape[1] === EVENT_COLUMNS) return events;
  return place.fail('is not a list of events', 'rows of [step, element, value]');
}

export function formatSelfTest(test: SelfTest, index: number, writer: DocumentWriter): JsonTree {
  const format = (part: 'input' | 'output' | 'membranes') => {
    const tensors = test[part];
    return (
      tensors && writer.byNode(tensors, (values, name) => writer.tensor(values, `selfTests[${index}].${part}.${name}`))
    );
  };
  const [input, output, membranes] = [format('input'), format('output'), format('membranes')];
  return writer.members({ steps: test.steps, input, output, membranes });
}
