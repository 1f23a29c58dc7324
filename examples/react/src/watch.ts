import { setTimeout } from 'node:timers/promises';
import type { DOMWindow } from 'jsdom';

const LIMIT_MS = 10_000;
const INTERVAL_MS = 10;

/** Tells each text that a part of the page shows, once it changes, and operates the page like a person. */
export function watch(window: DOMWindow, container: HTMLElement, tell: (part: string, text: string) => void) {
  const shown = new Map<string, string>();
  const look = () => {
    for (const part of container.querySelectorAll('section')) {
      const name = part.getAttribute('aria-label') ?? '';
      const text = part.querySelector('output')?.textContent ?? '';
      if (text && text !== shown.get(name)) tell(name, text);
      shown.set(name, text);
    }
  };
  new window.MutationObserver(look).observe(container, { subtree: true, childList: true, characterData: true });

  return {
    /** Waits until a part shows a text. */
    async shows(name: string, text: string): Promise<void> {
      const late = Date.now() + LIMIT_MS;
      while (!shown.get(name)?.includes(text)) {
        if (Date.now() > late) throw new Error(`${name} shows "${shown.get(name)}" instead of "${text}"`);
        await setTimeout(INTERVAL_MS);
      }
    },
    click(name: string): void {
      container.querySelector<HTMLElement>(`[aria-label="${name}"] button`)?.click();
    },
  };
}
