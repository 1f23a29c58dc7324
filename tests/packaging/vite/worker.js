import * as ancp from '@bizfirst/ancp-core';
import { exercise } from '../support/exercise.mjs';
import { answerWith } from '../support/run-worker.mjs';

answerWith((node) => exercise(ancp, node));
