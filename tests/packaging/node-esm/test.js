import assert from 'node:assert/strict';
import * as ancp from '@bizfirst/ancp-core';
import { exercise } from '../support/exercise.mjs';
import { node } from '../support/node.mjs';

assert.match(import.meta.resolve('@bizfirst/ancp-core'), /\/dist\/index\.js$/);
await exercise(ancp, node);
// Nothing keeps the process alive now: it would run into its time limit.
