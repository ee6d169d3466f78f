import type { DashboardNet } from '../source.ts';
import type { CommandView } from './command-view.ts';
import { element } from './element.ts';

/** What a person may set while the net runs, as far as its source says so. */
export class SettingsView {
  readonly #form = element('settings', HTMLFormElement);
  readonly #commands: CommandView;
  readonly #inputs = new Map<string, HTMLInputElement>();
  readonly #apply = document.createElement('button');

  constructor(commands: CommandView) {
    this.#commands = commands;
    this.#apply.type = 'submit';
    this.#apply.textContent = 'Apply';
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const settings = Object.fromEntries([...this.#inputs].map(([id, input]) => [id, input.valueAsNumber]));
      void this.#commands.send({ command: 'settings', settings }, this.#apply);
    });
  }

  /** @param isAllowed whether this viewer may change them */
  begin(net: DashboardNet, isAllowed: boolean): void {
    const settings = (isAllowed ? net.settings : undefined) ?? [];
    this.#inputs.clear();
    const labels = settings.map((setting) => {
      const label = document.createElement('label');
      const input = document.createElement('input');
      input.type = 'number';
      input.required = true;
      input.min = String(setting.minimum);
      input.max = String(setting.maximum);
      input.step = String(setting.step);
      input.value = String(setting.value);
      label.title = setting.about;
      label.append(setting.unit === '' ? setting.label : `${setting.label} (${setting.unit})`, input);
      this.#inputs.set(setting.id, input);
      return label;
    });
    this.#form.replaceChildren(...labels, this.#apply);
    this.#form.hidden = settings.length === 0;
  }
}
