import { useId } from 'react';
import { Field } from '../ui/field.tsx';

interface Props {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly rows?: number;
}

/** JSON to be written by hand. The line below it says what is wrong, and keeps its place where nothing is. */
export function JsonEditor({ label, text, onChange, rows = 5 }: Props) {
  const noteId = useId();
  const problem = problemOf(text);
  return (
    <div>
      <Field label={label} hint="JSON">
        {(control) => (
          <textarea
            {...control}
            className="mono"
            rows={rows}
            spellCheck={false}
            value={text}
            aria-invalid={problem !== undefined}
            aria-describedby={noteId}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <p id={noteId} className="note" aria-live="polite">
        {problem}
      </p>
    </div>
  );
}

/** What is wrong with a JSON text; an empty one stands for no payload. */
export function problemOf(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What a text without a problem says. */
export function parsed(text: string): unknown {
  return text.trim() === '' ? undefined : JSON.parse(text);
}
