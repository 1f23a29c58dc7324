import { type FormEvent, useState } from 'react';
import { JsonEditor, parsed, problemOf } from './json-editor.tsx';

/** Asks for what a task waits for. */
export function TaskInput({ onSend }: { readonly onSend: (input: unknown) => void }) {
  const [text, setText] = useState('{}');
  const isWrong = problemOf(text) !== undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWrong) return;
    // The form goes away with the task's next state: the focus goes to what shows it.
    event.currentTarget.closest('section')?.focus();
    onSend(parsed(text));
  };
  return (
    <form className="task-input" aria-label="Input for the task" onSubmit={submit}>
      <JsonEditor label="The task waits for input" rows={3} text={text} onChange={setText} />
      <button type="submit" className="primary" aria-disabled={isWrong}>
        Send the input
      </button>
    </form>
  );
}
