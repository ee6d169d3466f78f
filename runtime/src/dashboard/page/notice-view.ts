import type { DashboardDescription } from '../source.ts';
import { element } from './element.ts';

/** The title and the lines that every viewer should know. */
export class NoticeView {
  readonly #title = element('title', HTMLElement);
  readonly #notices = element('notices', HTMLElement);

  begin(description: DashboardDescription): void {
    document.title = description.title;
    this.#title.textContent = description.title;
    this.#notices.replaceChildren(
      ...description.notices.map((notice) => {
        const line = document.createElement('p');
        line.className = 'notice';
        line.textContent = notice;
        return line;
      }),
    );
  }
}
