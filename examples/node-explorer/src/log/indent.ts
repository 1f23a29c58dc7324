/** JSON text with line breaks and blanks added between its tokens. The tokens stay byte for byte: no number is changed. */
export function indentJson(text: string): string {
  let result = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[^\s"{}[\]:,]+|[{}[\]:,]|"/g)) {
    if (token === '{' || token === '[') {
      depth += 1;
      result += token + line();
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1);
      // Nothing stands in between: `{}`.
      result = /[{[]\s*$/.test(result) ? result.trimEnd() + token : result + line() + token;
    } else if (token === ',') result += token + line();
    else result += token === ':' ? ': ' : token;
  }
  return result;
}

/** The same for a body: JSON, or server-sent events with JSON in their data. */
export function indentBody(text: string): string {
  const start = text.trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return indentJson(text);
  return text.replace(/^data: ?([{[].*)$/gm, (_, data: string) => `data: ${indentJson(data)}`);
}
