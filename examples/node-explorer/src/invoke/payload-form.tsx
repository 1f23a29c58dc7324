import { type FormEvent, type ReactNode, useState } from 'react';
import { JsonEditor, parsed, problemOf } from './json-editor.tsx';
import { formOf, initialValues, payloadOf } from './schema.ts';
import { SchemaForm } from './schema-form.tsx';

interface Props {
  readonly schema: unknown;
  readonly isBusy: boolean;
  readonly onSend: (payload: unknown) => void;
  /** Buttons beside the one that sends. */
  readonly children?: ReactNode;
}

/** What a call takes: a form where the schema allows one, else JSON; and the button that sends it. */
export function PayloadForm({ schema, isBusy, onSend, children }: Props) {
  const [fields] = useState(() => formOf(schema));
  const [values, setValues] = useState(() => initialValues(fields ?? []));
  const [text, setText] = useState('');
  const [isForm, setForm] = useState(fields !== undefined);
  const problem = isForm ? undefined : problemOf(text);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy || problem) return;
    onSend(fields && isForm ? payloadOf(fields, values) : parsed(text));
  };
  const editAsJson = () => {
    if (fields) setText(JSON.stringify(payloadOf(fields, values), null, 2));
    setForm(false);
  };

  return (
    <form className="payload" onSubmit={submit}>
      {fields && isForm ? (
        <SchemaForm fields={fields} values={values} onChange={setValues} />
      ) : (
        <JsonEditor label="Payload" text={text} onChange={setText} />
      )}
      <div className="buttons">
        {/* Not disabled, or whoever presses it would lose the focus. */}
        <button type="submit" className="primary" aria-disabled={isBusy || problem !== undefined}>
          Send
        </button>
        {children}
        {fields && (
          <button type="button" className="quiet end" onClick={isForm ? editAsJson : () => setForm(true)}>
            {isForm ? 'Edit as JSON' : 'Back to the form'}
          </button>
        )}
      </div>
    </form>
  );
}
