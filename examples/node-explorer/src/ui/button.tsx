import type { ReactNode } from 'react';

interface Props {
  readonly isOff: boolean;
  readonly onClick: () => unknown;
  readonly children: ReactNode;
}

/** A button that goes off while it is used, such as one that stops something. Unlike a disabled one it keeps the focus. */
export function Button({ isOff, onClick, children }: Props) {
  return (
    <button type="button" aria-disabled={isOff} onClick={() => void (isOff || onClick())}>
      {children}
    </button>
  );
}
