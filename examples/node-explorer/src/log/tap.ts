/** What is kept of a body, in characters: an endless stream must not fill the memory. */
const MOST = 256 * 1024;
/** How often news are told, in milliseconds: not for each of a thousand chunks a second. */
const INTERVAL = 100;

interface Listener {
  text(text: string, isCut: boolean): void;
  end(isComplete: boolean): void;
  cancelled(): void;
}

/** The same body, whose text a listener hears of as it is read. It is read as fast as before: nothing is read ahead. */
export function tap(body: ReadableStream<Uint8Array>, listener: Listener): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let isCut = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = () => {
    clearTimeout(timer);
    timer = undefined;
    listener.text(text, isCut);
  };
  const keep = (more: string) => {
    if (isCut) return;
    text += more;
    isCut = text.length > MOST;
    text = text.slice(0, MOST);
    timer ??= setTimeout(tell, INTERVAL);
  };

  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            keep(decoder.decode(value, { stream: true }));
            controller.enqueue(value);
            return;
          }
        } catch (error) {
          tell();
          listener.end(false);
          controller.error(error);
          return;
        }
        keep(decoder.decode());
        tell();
        listener.end(true);
        controller.close();
      },
      async cancel(reason) {
        tell();
        listener.cancelled();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
