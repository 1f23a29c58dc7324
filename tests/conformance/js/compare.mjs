// The same rules as in ../src/compare.rs.

/** Compares exactly: nothing is missing and nothing is left over. Returns what differs, if anything. */
export const equal = (expected, actual) => compare(expected, actual, true, '');

/** Compares what is expected; objects may hold more. Returns what differs, if anything. */
export const includes = (expected, actual) => compare(expected, actual, false, '');

function compare(expected, actual, exact, at) {
  const differs = `${at || '/'}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
  const kind = kindOf(expected);
  if (kind) return is(kind, actual) ? undefined : differs;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return differs;
    return first(expected.keys(), (place) => compare(expected[place], actual[place], exact, `${at}/${place}`));
  }
  if (isObject(expected)) {
    if (!isObject(actual) || Array.isArray(actual)) return differs;
    const wrong = first(Object.keys(expected), (name) => compare(expected[name], actual[name], exact, `${at}/${name}`));
    if (wrong || !exact) return wrong;
    const left = Object.keys(actual).find((name) => !Object.hasOwn(expected, name));
    return left === undefined ? undefined : `${at}/${left}: expected nothing, got ${JSON.stringify(actual[left])}`;
  }
  return expected === actual ? undefined : differs;
}

function first(places, problem) {
  for (const place of places) {
    const found = problem(place);
    if (found) return found;
  }
  return undefined;
}

const isObject = (value) => typeof value === 'object' && value !== null;

/** `{ "$text": … }` and `{ "$is": … }` stand for more than one value. */
function kindOf(expected) {
  if (!isObject(expected)) return undefined;
  const [[name, text] = [], ...others] = Object.entries(expected);
  return name?.startsWith('$') && others.length === 0 ? [name, text] : undefined;
}

function is([name, text], actual) {
  if (name === '$text') return String(actual) === text;
  return text === 'absent' && actual === undefined;
}
