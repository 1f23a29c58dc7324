// The OpenAI client: its streams carry tokens, as ours do; there is no call with a free payload to compare.

export const name = 'openai';

export async function connect(origin, fetch) {
  const { OpenAI } = await import('openai');
  const client = new OpenAI({ apiKey: 'sk-bench', baseURL: origin, fetch, maxRetries: 0 });
  const request = { model: 'gpt', messages: [{ role: 'user', content: 'report' }] };
  return {
    invoke: () => client.chat.completions.create(request),
    async *stream() {
      for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
        yield chunk.choices[0].delta.content;
      }
    },
    close() {},
  };
}

/** A payload is a token's text here. */
export function chunk(payload) {
  const choice = `{"index":0,"delta":{"content":${JSON.stringify(payload)}},"logprobs":null,"finish_reason":null}`;
  return `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1779700440,"model":"gpt","system_fingerprint":"fp_1","choices":[${choice}]}\n\n`;
}

export const end = () => 'data: [DONE]\n\n';
