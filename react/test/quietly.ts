import { onTestFinished, vi } from 'vitest';

/** Keeps errors that a test provokes out of its output: React tells the console, React 18 the window as well. */
export function quietly(): void {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  const taken = (event: Event) => event.preventDefault();
  window.addEventListener('error', taken);
  onTestFinished(() => {
    log.mockRestore();
    window.removeEventListener('error', taken);
  });
}
