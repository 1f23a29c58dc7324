import assert from 'node:assert/strict';
import * as ancp from '@bizfirst/ancp-core';
import { createDidKey } from '@bizfirst/ancp-core/did';
import { exercise } from '../support/exercise.mjs';
import { node } from '../support/node.mjs';

assert.match(import.meta.resolve('@bizfirst/ancp-core'), /\/dist\/node\.js$/);
await exercise(ancp, node);
assert.match((await createDidKey()).did, /^did:key:z6Mk/);
// Nothing keeps the process alive now: it would run into its time limit.
