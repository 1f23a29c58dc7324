/** How deep lines are indented at most: what is nested deeper would be blanks for the most part. */
const DEEPEST = 40;
/** Where the text is cut, its last string has no end. */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|[^\s"{}[\]:,]+|[{}[\]:,]/g;

/** JSON text with line breaks and blanks added between its tokens. The tokens stay byte for byte: no number is changed. */
export function indentJson(text: string): string {
  // Pieces, as looking at the end of a growing text would take longer with each token.
  const pieces: string[] = [];
  let depth = 0;
  let last = '';
  const line = () => `\n${'  '.repeat(Math.min(depth, DEEPEST))}`;
  for (const [token] of text.matchAll(TOKEN)) {
    const wasOpened = last === '{' || last === '[';
    const closes = token === '}' || token === ']';
    if (closes) depth = Math.max(0, depth - 1);
    // Nothing stands in between: `{}`.
    if (wasOpened !== closes || last === ',') pieces.push(line());
    pieces.push(token === ':' ? ': ' : token);
    if (token === '{' || token === '[') depth += 1;
    last = token;
  }
  return pieces.join('');
}

/** The same for a body: JSON, or server-sent events with JSON in their data. */
export function indentBody(text: string): string {
  const start = text.trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return indentJson(text);
  return text.replace(/^data: ?([{[].*)$/gm, (_, data: string) => `data: ${indentJson(data)}`);
}
