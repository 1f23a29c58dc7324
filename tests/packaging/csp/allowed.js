import { exercise } from '../support/exercise.mjs';
import { runInPage } from '../support/page.mjs';
import * as ancp from './node_modules/@bizfirst/ancp-core/dist/index.js';

void runInPage((node) => exercise(ancp, node));
