import { describeValue, SpikewireError } from '@spikewire/models';
import { isObject } from '../reading/json.ts';
import { timeIn } from '../reading/time.ts';

/** What a teacher says of a reading: its class, the right answer, the error of the answer, or how good it was. */
export type Lesson =
  | { readonly kind: 'label'; readonly label: string; readonly time: number | undefined }
  | { readonly kind: 'target'; readonly values: Float64Array; readonly time: number | undefined }
  | { readonly kind: 'error'; readonly values: Float64Array; readonly time: number | undefined }
  | { readonly kind: 'reward'; readonly value: number; readonly time: number | undefined };

/** What a lesson is, for errors. */
export const LESSON_FORMS = '{"label": "off"}, {"target": …}, {"error": …} or {"reward": …}';

const KINDS = ['label', 'target', 'error', 'reward'] as const;

/**
 * Reads `{"label" | "target" | "error" | "reward", "t"?}`; `size` is the number of values of the answer. Throws
 * `input`.
 */
export function parseLesson(message: unknown, size: number): Lesson {
  if (!isObject(message)) throw new SpikewireError('input', 'lesson', 'is not an object', LESSON_FORMS);
  const { t, ...rest } = message;
  const time = t === undefined ? undefined : timeIn(t, 'lesson.t');
  const [kind, ...others] = Object.keys(rest);
  if (kind === undefined || others.length > 0 || !KINDS.includes(kind as (typeof KINDS)[number])) {
    throw new SpikewireError(
      'input',
      'lesson',
      `has keys ${Object.keys(message).join(', ') || 'none'}`,
      `one of ${KINDS.join(', ')}, and t where it is late`,
    );
  }
  const value = rest[kind];
  if (kind === 'reward') {
    if (typeof value === 'number' && Number.isFinite(value)) return { kind, value, time };
    throw new SpikewireError('input', 'lesson.reward', `is ${describeValue(value)}`, 'a finite number');
  }
  if (kind === 'label') {
    if (typeof value === 'string' || typeof value === 'number') return { kind, label: String(value), time };
    throw new SpikewireError('input', 'lesson.label', `is ${describeValue(value)}`, 'the name of a class');
  }
  const values = typeof value === 'number' ? [value] : value;
  if (!Array.isArray(values) || values.length !== size || !values.every((number) => Number.isFinite(number))) {
    const count = Array.isArray(values) && values.length !== size ? `has ${values.length} values` : undefined;
    const expected = `${size} finite number${size === 1 ? '' : 's'}`;
    throw new SpikewireError('input', `lesson.${kind}`, count ?? `is ${describeValue(value)}`, expected);
  }
  return { kind: kind === 'target' ? 'target' : 'error', values: Float64Array.from(values), time };
}
