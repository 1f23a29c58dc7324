import { AncpError } from '@bizfirst/ancp-core';
import { createDidKey, type DidKey } from '@bizfirst/ancp-core/did';
import { type RefObject, useEffect, useState } from 'react';
import { Field } from '../ui/field.tsx';

interface Props {
  readonly input: RefObject<HTMLInputElement | null>;
  readonly didKey: DidKey | undefined;
  readonly onChange: (key: DidKey | undefined) => void;
}

/** Makes a key in the page and shows its DID. No script can read the key, and it goes with the page. */
export function DidField({ input, didKey, onChange }: Props) {
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (didKey) return;
    let isWanted = true;
    createDidKey().then(
      (key) => isWanted && onChange(key),
      (error: unknown) => isWanted && setProblem(error instanceof AncpError ? error.message : String(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [didKey, onChange]);
  return (
    <Field label="DID" hint="its key is never stored">
      {(control) => (
        <>
          <div className="with-button">
            <input {...control} ref={input} className="mono" readOnly value={didKey?.did ?? ''} />
            <button type="button" onClick={() => onChange(undefined)}>
              New key
            </button>
          </div>
          {problem && (
            <p role="alert" className="bad">
              {problem}
            </p>
          )}
        </>
      )}
    </Field>
  );
}
