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
  // Counted, as there is no key to be given up where none could be made.
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt makes another key
  useEffect(() => {
    if (didKey) return;
    setProblem(undefined);
    let isWanted = true;
    createDidKey().then(
      (key) => isWanted && onChange(key),
      (error: unknown) => isWanted && setProblem(error instanceof AncpError ? error.message : String(error)),
    );
    return () => {
      isWanted = false;
    };
  }, [didKey, onChange, attempt]);
  return (
    <Field label="DID" hint="its key is never stored">
      {(control) => (
        <>
          <div className="with-button">
            <input {...control} ref={input} className="mono" readOnly value={didKey?.did ?? ''} />
            <button
              type="button"
              onClick={() => {
                onChange(undefined);
                setAttempt((count) => count + 1);
              }}
            >
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
