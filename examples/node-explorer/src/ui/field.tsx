import { type ReactNode, useId } from 'react';

/** What ties an input to its label. */
export interface ControlProps {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
}

interface Props {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly children: (control: ControlProps) => ReactNode;
}

/** An input with its label above. The hint is read out after the name, not as a part of it. */
export function Field({ label, hint, children }: Props) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="field">
      <div className="label">
        <label htmlFor={id}>{label}</label> {hint && <small id={hintId}>{hint}</small>}
      </div>
      {children({ id, 'aria-describedby': hint ? hintId : undefined })}
    </div>
  );
}
