import { describeValue, SpikewireError } from '@spikewire/models';
import { COMMANDS, type CommandName } from '../desk/command.ts';
import type { SharedSecret } from '../desk/shared-secret.ts';
import { isObject, parseJson } from '../reading/json.ts';
import type { Reading } from '../reading/reading.ts';
import type { MqttMessage } from './message.ts';

/** Which commands and lessons a stream takes, and from whom. */
export interface OrderRules {
  /** Commands that are carried out. Default all. */
  readonly commands?: ReadonlySet<CommandName>;
  /** Whether lessons teach. Default true. */
  readonly lessons?: boolean;
  /** What a command or lesson must show: the user property `secret` of its message, or a field of this name. */
  readonly secret?: SharedSecret;
}

/**
 * Reads commands and lessons, and refuses those that the rules do not let in, before any net is touched. No error
 * repeats what may be the secret, wherever somebody who knows it has put it.
 */
export class Orders {
  readonly #rules: OrderRules;
  /** Commands and lessons that were not let in. */
  refused = 0;

  constructor(rules: OrderRules) {
    this.#rules = rules;
  }

  /** A word, alone or as a JSON string, or `{"command": word}`. Throws `input`. */
  command(message: MqttMessage): CommandName {
    const text = new TextDecoder().decode(message.payload).trim();
    const document = /^["{]/.test(text) ? this.#json(message.payload) : text;
    const { secret, ...order } = isObject(document) ? document : { command: document };
    this.#expectSecret(message, secret, order);
    const { command } = order as { command?: unknown };
    const known = COMMANDS.find((name) => name === command);
    if (known === undefined) {
      throw new SpikewireError('input', 'command', `is ${describeValue(command)}`, COMMANDS.join(', '));
    }
    if (this.#rules.commands?.has(known) === false) this.#refuse('command', `"${known}" is switched off`);
    return known;
  }

  /** The document of a lesson, without the secret. Throws `input`. */
  lesson(message: MqttMessage): unknown {
    if (this.#rules.lessons === false) this.#refuse('lesson', 'lessons are switched off');
    const document = this.#json(message.payload);
    const { secret, ...lesson } = isObject(document) ? document : {};
    this.#expectSecret(message, secret, isObject(document) ? lesson : document);
    return isObject(document) ? lesson : document;
  }

  /** A reading as `read` gives it. What is wrong with one that should have been an order is said without its words. */
  reading(read: () => Reading | undefined): Reading | undefined {
    try {
      return read();
    } catch (problem) {
      if (this.#rules.secret === undefined || !(problem instanceof SpikewireError)) throw problem;
      throw new SpikewireError(problem.code, problem.where, 'is no good reading', problem.expected, problem);
    }
  }

  /** Whether a level of a topic, or of the name of a net, is the secret: nobody may repeat it then. */
  isSecret(name: string): boolean {
    const { secret } = this.#rules;
    return secret !== undefined && name.split('/').some((level) => secret.matches(level));
  }

  #json(payload: Uint8Array): unknown {
    try {
      return parseJson(payload);
    } catch (problem) {
      if (this.#rules.secret === undefined) throw problem;
      // The error shows how the message begins.
      throw new SpikewireError('input', 'message', 'is not JSON', 'JSON with the secret', problem);
    }
  }

  #expectSecret({ properties }: MqttMessage, inPayload: unknown, order: unknown): void {
    const given = properties?.userProperties?.secret ?? inPayload;
    if (this.#rules.secret === undefined) return;
    if (!this.#rules.secret.matches(given)) {
      this.#refuse('secret', given === undefined ? 'is missing' : 'is wrong');
    }
    if (mentions(order, given as string)) this.#refuse('secret', 'is also in another place than its own');
  }

  #refuse(where: string, problem: string): never {
    this.refused++;
    throw new SpikewireError('input', where, `${problem}; refused`);
  }
}

/** Whether a text is in a document, at any depth: also one that is too deep for a recursion. */
function mentions(document: unknown, text: string): boolean {
  const left = [document];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string' && value.includes(text)) return true;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) left.push(key, member);
  }
  return false;
}
