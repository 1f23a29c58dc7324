/** One HTTP request and its response, as far as it has come. Credentials are redacted in all of it. */
export interface Exchange {
  readonly number: number;
  readonly method: string;
  readonly url: string;
  /** What was called, such as `get-order`, where the request says so. */
  readonly action: string | undefined;
  readonly startedAt: number;
  readonly requestHeaders: Headers;
  readonly requestBody: string | undefined;
  readonly status: number | undefined;
  readonly responseHeaders: Headers | undefined;
  readonly responseBody: string;
  /** Whether the response was longer than what is kept. */
  readonly isCut: boolean;
  /** How long it took until the response's head, and until its end, in milliseconds. */
  readonly headMs: number | undefined;
  readonly totalMs: number | undefined;
  readonly state: 'open' | 'complete' | 'aborted' | 'failed';
}

export type Headers = readonly (readonly [name: string, value: string])[];

/** The action that a request's envelope names. */
export function actionOf(body: string | undefined): string | undefined {
  try {
    const action = JSON.parse(body ?? '')?.body?.data?.metadata?.extensions?.ncp?.action;
    return typeof action === 'string' ? action : undefined;
  } catch {
    return undefined;
  }
}
