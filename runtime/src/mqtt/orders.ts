import { describeValue, type NamedReading, SpikewireError } from '@spikewire/models';
import type { Access, Asker } from '../desk/access.ts';
import { COMMANDS, type CommandName } from '../desk/command.ts';
import { namedReading } from '../desk/named-reading.ts';
import { readUpdateOrder, type UpdateOrder } from '../desk/updates.ts';
import { isObject, parseJson } from '../reading/json.ts';
import type { Reading } from '../reading/reading.ts';
import { LESSON_FORMS } from '../session/teaching.ts';
import type { MqttMessage } from './link/message.ts';

interface Command {
  readonly command: CommandName | 'update';
  readonly asker: Asker;
  /** The reading that is meant, where the command names one. */
  readonly about: NamedReading;
  /** With `update`: what is to be done about the updates of the process. */
  readonly update?: UpdateOrder;
}

/** What a command is, for errors. */
const COMMAND_FORMS = 'status, or {"command": "status"}';

/**
 * Reads commands and lessons, and who sends them: whoever shows the secret, where there is one, as the user property
 * `secret` of the message or as a field of this name. No error repeats what may be the secret, wherever somebody who
 * knows it has put it.
 */
export class Orders {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /**
   * A word, alone or as a JSON string, or `{"command": word}`, with `seq` or `t` of the reading that is meant, or with
   * the `action` of an update. Throws
   * `input`, or `access` without the secret.
   */
  command(message: MqttMessage): Command {
    const text = new TextDecoder().decode(message.payload).trim();
    const document = /^["{]/.test(text) ? this.#json(message.payload, COMMAND_FORMS) : text;
    const { secret, ...order } = isObject(document) ? document : { command: document };
    const asker = this.#askerOf(message, secret, order);
    const { command } = order as { command?: unknown };
    if (command === 'update') return { command, asker, about: {}, update: readUpdateOrder(order) };
    const known = COMMANDS.find((name) => name === command);
    if (known === undefined) {
      throw new SpikewireError('input', 'command', `is ${describeValue(command)}`, [...COMMANDS, 'update'].join(', '));
    }
    return { command: known, asker, about: known === 'normal' ? namedReading(order) : {} };
  }

  /** The document of a lesson, without the secret. Throws `input`, or `access` without the secret. */
  lesson(message: MqttMessage): { readonly document: unknown; readonly asker: Asker } {
    const said = this.#json(message.payload, LESSON_FORMS);
    const { secret, ...lesson } = isObject(said) ? said : {};
    const document = isObject(said) ? lesson : said;
    return { document, asker: this.#askerOf(message, secret, document) };
  }

  /** A reading as `read` gives it. What is wrong with one that should have been an order is said without its words. */
  reading(read: () => Reading | undefined): Reading | undefined {
    try {
      return read();
    } catch (problem) {
      if (!this.#access.needsSecret || !(problem instanceof SpikewireError)) throw problem;
      throw new SpikewireError(problem.code, problem.where, 'is not a valid reading', problem.expected, problem);
    }
  }

  #json(payload: Uint8Array, expected: string): unknown {
    try {
      return parseJson(payload, expected);
    } catch (problem) {
      if (!this.#access.needsSecret) throw problem;
      // The error shows how the message begins.
      throw new SpikewireError('input', 'message', 'is not JSON', 'JSON with the secret', problem);
    }
  }

  #askerOf({ properties, topic }: MqttMessage, inPayload: unknown, order: unknown): Asker {
    const shown = properties?.userProperties?.secret ?? inPayload;
    const roles = this.#access.rolesOfSender(shown);
    if (this.#access.needsSecret && mentions(order, shown as string)) {
      this.#access.refuse('secret', 'is also in another part of the message');
    }
    return { from: topic, roles };
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
