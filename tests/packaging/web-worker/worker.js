import { exercise } from '../support/exercise.mjs';
import { answerWith } from '../support/run-worker.mjs';
import * as ancp from './node_modules/@bizfirst/ancp-core/dist/index.js';

answerWith((node) => exercise(ancp, node));
