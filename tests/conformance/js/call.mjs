import { createDidKey } from '@bizfirst/ancp-core/did';

/** A vector's URL, or an address that is none. */
const atRun = (url, baseUrl) =>
  url.replace('{{base}}', baseUrl).replace('{{elsewhere}}', baseUrl.replace('127.0.0.1', 'localhost'));

/** Makes a vector's client, of a class. `asked` counts how often its provider (`count`) and its payer were asked. */
export async function clientOf(Client, { client = {} }, run, asked) {
  const { address: named, nodeId = 42, baseUrl, auth, credentialOrigins = [], payer, retry, ...more } = client;
  const address = named && atRun(named, run);
  // A URL stands for the base URL, too.
  const base = baseUrl ?? (address?.startsWith('http') ? undefined : '{{base}}');
  const elsewhere = new URL(atRun('{{elsewhere}}', run)).origin;
  return new Client({
    timeout: 5000,
    ...more,
    ...(base !== undefined && { baseUrl: atRun(base, run) }),
    ...(address ? { address } : { nodeId }),
    retry: { maxRetries: 3, baseDelayMs: 1, maxDelayMs: 5, ...retry },
    credentialOrigins: credentialOrigins.map((origin) => origin.replace('{{elsewhere}}', elsewhere)),
    ...(auth && { auth: await credential(auth, asked) }),
    ...(payer && { payer: payerOf(payer, asked) }),
  });
}

async function credential({ apiKey, jwtToken, did, apiKeys, jwtTokens, dids }, asked) {
  const provider = (given, make) => async () => {
    const one = given[Math.min(asked.count++, given.length - 1)];
    if (one === null) throw new Error('there is no token');
    return make(one);
  };
  if (apiKeys) return { apiKey: provider(apiKeys, String) };
  if (jwtTokens) return { jwtToken: provider(jwtTokens, String) };
  if (dids) return { did: provider(dids, signer) };
  if (did) return { did: await signer(did) };
  return apiKey === undefined ? { jwtToken } : { apiKey };
}

function payerOf({ payments, priceUsdc, ...options }, asked) {
  return {
    ...options,
    async pay(terms) {
      const payment = payments[Math.min(asked.payer++, payments.length - 1)];
      if (payment === null || (priceUsdc ?? terms.priceUsdc) !== terms.priceUsdc) throw new Error('nothing was paid');
      return payment;
    },
  };
}

/** A signer that does what its vector says. */
async function signer(what) {
  const key = await createDidKey();
  if (what === 'signs') return key;
  const others = {
    throws: () => {
      throw new Error('there is no key');
    },
    misfires: () => new Uint8Array(63),
    hangs: () => new Promise(() => {}),
  };
  return { did: key.did, keyId: key.keyId, sign: others[what] };
}

/** Makes a call and tells what has come of it. `begun` is what is asked to hear of the run's first request. */
export async function make(client, call, begun) {
  const actual = { progress: [], chunks: [] };
  const started = Date.now();
  const timers = new Timers(begun);
  const options = { ...call.options };
  if (options.address) options.address = atRun(options.address, begun.replace('/begun/', '/v/'));
  if (call.abortAfterMs === 0) options.signal = AbortSignal.abort();
  if (call.abortAfterMs > 0) {
    const controller = new AbortController();
    options.signal = controller.signal;
    void timers.set(call.abortAfterMs, () => controller.abort());
  }
  if (call.closeAfterMs !== undefined) void timers.set(call.closeAfterMs, () => client.close());
  try {
    await verbs[call.verb](client, { payload: null, ...call, options }, actual);
  } catch (error) {
    actual.error = error;
  }
  timers.clear();
  actual.took = Date.now() - started;
  return actual;
}

const verbs = {
  invoke: result((client, { action, payload, options }) => client.invoke(action, payload, options)),
  fireAndForget: result((client, { action, payload, options }) => client.fireAndForget(action, payload, options)),
  startTask: result((client, { action, payload, options }) => client.startTask(action, payload, options)),
  getTask: task((client, { taskId, options }) => client.getTask(taskId, options)),
  cancelTask: task((client, { taskId, options }) => client.cancelTask(taskId, options)),
  provideInput: task((client, { taskId, payload, options }) => client.provideInput(taskId, payload, options)),
  waitForTask: task((client, { taskId, options }, actual) =>
    client.waitForTask(taskId, { ...options, onProgress: ({ state }) => actual.progress.push(state) }),
  ),
  ping: result((client, { options }) => client.ping(options)),
  getCapabilities: result((client, { options }) => client.getCapabilities(options)),
  negotiate: result((client, { payload, options }) => client.negotiate(payload, options)),
  getStatus: result((client, { options }) => client.getStatus(options)),
  getPaymentInfo: result((client, { options }) => client.getPaymentInfo(options)),
  pay: result((client, { payload, options }) => client.pay(payload, options)),
  invokeAll: result(async (client, { action, payload, options }) => {
    const outcomes = await client.invokeAll(action, payload, options);
    return outcomes.map(({ nodeId, ok, result, error }) => ({
      nodeId,
      ok,
      ...(ok ? { result } : { code: error.code }),
    }));
  }),
  discover: result((client, { options }) => client.discover(options)),
  close: async (client) => client.close(),
  async stream(client, { action, payload, options, take = Number.POSITIVE_INFINITY, pauseMs = 0 }, actual) {
    const chunks = client.stream(action, payload, options);
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) {
        actual.summary = value;
        return;
      }
      actual.chunks.push(value);
      if (actual.chunks.length === 1) await sleep(pauseMs);
      if (actual.chunks.length === take) {
        await chunks.return();
        return;
      }
    }
  },
};

function result(run) {
  return async (client, call, actual) => {
    actual.result = await run(client, call, actual);
  };
}

function task(run) {
  return async (client, call, actual) => {
    actual.task = await run(client, call, actual);
  };
}

/** What happens some time after the run's first request, unless the call is over before. */
class Timers {
  #begun;
  #over = false;

  constructor(begun) {
    this.#begun = begun;
  }

  async set(milliseconds, act) {
    if (milliseconds > 0) await fetch(this.#begun);
    await sleep(milliseconds);
    if (!this.#over) act();
  }

  clear() {
    this.#over = true;
  }
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
