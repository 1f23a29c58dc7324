/** Without frames: as often as most screens have one. */
const INTERVAL_MS = 16;
/** A frame that was asked for just before the page was hidden does not come. */
const LATE_MS = 250;

/** Calls back at the next animation frame, or after 16 ms where there are none: on a hidden page, outside a browser. */
export function onNextFrame(callback: () => void): () => void {
  const frames = typeof document !== 'undefined' && !document.hidden && typeof requestAnimationFrame === 'function';
  const timer = setTimeout(fire, frames ? LATE_MS : INTERVAL_MS);
  const frame = frames ? requestAnimationFrame(fire) : undefined;
  function cancel() {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
  }
  function fire() {
    cancel();
    callback();
  }
  return cancel;
}
