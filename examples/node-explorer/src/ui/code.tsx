import { useState } from 'react';

interface Props {
  readonly label: string;
  readonly text: string;
  /** What the button copies, where that is not the text as shown. */
  readonly copied?: string | undefined;
}

/** Text to be read and copied. It scrolls by itself, also by keyboard. */
export function Code({ label, text, copied = text }: Props) {
  const [note, setNote] = useState('Copy');
  const copy = () =>
    navigator.clipboard.writeText(copied).then(
      () => setNote('Copied'),
      () => setNote('Not allowed'),
    );
  return (
    <section className="code" aria-label={label}>
      <div className="title">
        <p className="label">{label}</p>
        <button type="button" className="quiet end" onBlur={() => setNote('Copy')} onClick={() => void copy()}>
          {note}
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
