import { SpikewireError } from '@spikewire/models';
import { COMMANDS, type CommandName } from '../desk/command.ts';
import type { SharedSecret } from '../desk/shared-secret.ts';
import { isObject, parseJson } from '../session/reading.ts';
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

/** Characters of an unknown command that its error repeats. */
const SHOWN = 64;

/**
 * Reads commands and lessons, and refuses those that the rules do not let in, before any net is touched. No error
 * repeats what may be the secret.
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
    const { command, secret } = isObject(document) ? document : { command: document };
    this.#expectSecret(message, secret);
    const known = COMMANDS.find((name) => name === command);
    if (known === undefined) {
      const given = JSON.stringify(String(command).slice(0, SHOWN));
      throw new SpikewireError('input', 'command', `is ${given}`, COMMANDS.join(', '));
    }
    if (this.#rules.commands?.has(known) === false) this.#refuse('command', `"${known}" is switched off`);
    return known;
  }

  /** The document of a lesson, without the secret. Throws `input`. */
  lesson(message: MqttMessage): unknown {
    if (this.#rules.lessons === false) this.#refuse('lesson', 'lessons are switched off');
    const document = this.#json(message.payload);
    const { secret, ...lesson } = isObject(document) ? document : {};
    this.#expectSecret(message, secret);
    return isObject(document) ? lesson : document;
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

  #expectSecret({ properties }: MqttMessage, inPayload: unknown): void {
    const given = properties?.userProperties?.secret ?? inPayload;
    if (this.#rules.secret?.matches(given) === false) {
      this.#refuse('secret', given === undefined ? 'is missing' : 'is wrong');
    }
  }

  #refuse(where: string, problem: string): never {
    this.refused++;
    throw new SpikewireError('input', where, `${problem}; refused`);
  }
}
