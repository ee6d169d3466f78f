import { elementCount } from '@spikewire/models';
import type { Backend, Executable, NumberArrays } from '../backend/backend.ts';
import type { Program } from '../graph/program.ts';
import type { TrainingPlan } from './plan.ts';
import { ofPart, partProgram, trainingProgram, updateProgram } from './programs.ts';

/** Parts that a batch is divided into. */
const PARTS = 2;

/**
 * Numbers that the operations of a part give, from which on dividing a batch costs little and a second thread helps.
 */
const WORTH_PARTS = 2e6;

/** Arrays that a program is given and those that it writes, by name. */
export interface StepArrays {
  readonly inputs: NumberArrays;
  readonly outputs: NumberArrays;
}

/**
 * A step of training, made ready to run many times. A large batch is divided, for every number of threads, so that the
 * bits are the same: its parts run at once where there are threads, and their gradients are added first to last.
 */
export interface TrainingStep {
  /** By part its own arrays for inputs, as far as it has them (`Executable.room`). */
  readonly rooms: readonly NumberArrays[];
  /**
   * @param parts of each what is its samples' own: encoded inputs, targets and drawn arrays; losses and answers
   * @param common all else
   */
  run(parts: readonly StepArrays[], common: StepArrays): Promise<void>;
  close(): Promise<void>;
}

/** Opens the step of a plan over batches of `size` samples. */
export async function openStep(plan: TrainingPlan, size: number, backend: Backend): Promise<TrainingStep> {
  if (size % PARTS === 0 && areIndependent(plan)) {
    const program = partProgram(plan, size / PARTS, size);
    if (numbersOf(program) >= WORTH_PARTS) return openDivided(plan, program, backend);
  }
  const whole = await backend.compile(trainingProgram(plan, size));
  return {
    rooms: [whole.room ?? {}],
    run: ([part], { inputs, outputs }) => whole.run({ ...part!.inputs, ...inputs }, { ...part!.outputs, ...outputs }),
    close: () => whole.close(),
  };
}

async function openDivided(plan: TrainingPlan, program: Program, backend: Backend): Promise<TrainingStep> {
  const [executables, update] = await Promise.all([
    backend.compileParts(program, PARTS),
    backend.compile(updateProgram(plan, PARTS)),
  ]);
  const given = executables.map(() =>
    Object.fromEntries([...program.outputs].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))])),
  );
  const sums = Object.fromEntries(
    given.flatMap((arrays, part) => Object.entries(arrays).map(([name, array]) => [ofPart(part, name), array])),
  );
  return {
    rooms: executables.map(({ room = {} }) => room),
    async run(parts, { inputs, outputs }) {
      const start = (executable: Executable, part: number) =>
        executable.run({ ...inputs, ...parts[part]!.inputs }, { ...given[part], ...parts[part]!.outputs });
      // One at a time where they share a thread: what a part has computed is still in the cache when it goes on.
      const inTurn = async () => {
        for (const [part, each] of executables.entries()) if (!each.isBeside) await start(each, part);
      };
      const beside = executables.map((each, part) => (each.isBeside ? start(each, part) : undefined));
      await Promise.all([...beside, inTurn()]);
      await update.run({ ...inputs, ...sums }, outputs);
    },
    async close() {
      await Promise.all([...executables, update].map((each) => each.close()));
    },
  };
}

/** Whether nothing that a sample changes depends on the others of its batch before the gradients are added. */
function areIndependent({ trainingNodes, regularisers }: TrainingPlan): boolean {
  const arrays = trainingNodes.flatMap((node) => Object.values(node.arrays));
  return regularisers.length === 0 && arrays.every(({ changedBy }) => changedBy !== 'node');
}

function numbersOf({ applications }: Program): number {
  const results = applications.flatMap((application) => application.results);
  return results.reduce((sum, { shape }) => sum + elementCount(shape), 0);
}
