import type { ActionDescriptor, Capabilities } from '@bizfirst/ancp-core';

const NONE: readonly ActionDescriptor[] = [];

/** The actions, and those of them that cost something. */
export function offers(capabilities: Capabilities | undefined): {
  readonly actions: readonly ActionDescriptor[];
  readonly payableActions: readonly ActionDescriptor[];
} {
  const actions = capabilities?.actions ?? NONE;
  return { actions, payableActions: actions.filter(({ priceUsdc }) => Number(priceUsdc) > 0) };
}
