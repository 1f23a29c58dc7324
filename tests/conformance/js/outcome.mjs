import { AncpError } from '@bizfirst/ancp-core';
import { equal, includes } from './compare.mjs';

/** Stands in bodies whose text must not get into errors. */
const NOT_TO_BE_SHOWN = 'do-not-show';

/** What is wrong with a call's outcome. */
export function problems(expected, actual, auth) {
  const found = [];
  const check = (what, difference) => {
    if (difference) found.push(`${what}: ${difference}`);
  };
  const value = actual.result ?? null;
  if ('result' in expected) check('result', equal(expected.result, value));
  if ('resultIncludes' in expected) check('result', includes(expected.resultIncludes, value));
  // This runtime keeps no texts of numbers.
  if ('resultText' in expected) check('result', equal(JSON.parse(expected.resultText), value));
  if ('task' in expected) check('task', includes(expected.task, actual.task));
  for (const name of ['progress', 'chunks']) {
    if (name in expected) check(name, equal(expected[name], actual[name]));
  }
  if ('summary' in expected) check('summary', equal(expected.summary, actual.summary));
  if (actual.took > (expected.withinMs ?? Number.POSITIVE_INFINITY)) check('time', `it took ${actual.took} ms`);
  const { error } = actual;
  if (expected.error) {
    if (!error) check('error', `expected ${expected.error.code}, got none`);
    else if (!(error instanceof AncpError)) check('error', `${error} is no AncpError`);
    else check('error', explained(includes(expected.error, error), error));
  } else if (error) {
    check('error', `expected none, got ${shown(error)}`);
  }
  if (error && secrets(auth).some((secret) => shown(error).includes(secret))) {
    check('error', 'it shows what it must not');
  }
  return found;
}

const explained = (difference, error) => difference && `${difference} in ${shown(error)}`;

function shown(error) {
  return [error, error.stack, JSON.stringify(error), error.cause, error.cause?.cause].join(' ');
}

function secrets(auth = {}) {
  // A key is made for each run, and its proofs are told by their beginning.
  const proof = (auth.did ?? auth.dids) && 'eyJ';
  const all = [proof, auth.apiKey, auth.jwtToken, ...(auth.apiKeys ?? []), ...(auth.jwtTokens ?? []), NOT_TO_BE_SHOWN];
  return all.filter(Boolean);
}
