/** From one call to the next: 60 a second, whatever the screen does. */
const INTERVAL_MS = 1000 / 60;
/** The same for timers, which know whole milliseconds only. */
const TIMER_MS = 17;
/** A frame that was asked for just before the page was hidden does not come. */
const LATE_MS = 250;

/**
 * Animation frames, of which it takes no more than 60 a second; timers where there are none: on a
 * hidden page, outside a browser.
 */
export class Frames {
  /**
   * When the next frame may be taken. It does not move on with the frame that is, so that a late one costs none. The
   * beginning and the end of what is shown take the place of a frame each.
   */
  #due = performance.now() + 2 * INTERVAL_MS;

  /** Calls back at the next frame, unless what it gives is called before. */
  next(callback: () => void): () => void {
    const frames = typeof document !== 'undefined' && !document.hidden && typeof requestAnimationFrame === 'function';
    const take = () => {
      cancel();
      // Of a time without calls no more than one frame is made up for.
      this.#due = Math.max(this.#due + INTERVAL_MS, performance.now());
      callback();
    };
    const look = () => {
      if (performance.now() >= this.#due) take();
      else frame = requestAnimationFrame(look);
    };
    let frame = frames ? requestAnimationFrame(look) : undefined;
    const timer = setTimeout(take, frames ? LATE_MS : TIMER_MS);
    const cancel = () => {
      clearTimeout(timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
    };
    return cancel;
  }
}
