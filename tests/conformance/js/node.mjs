// Plays the client vectors in Node.js. An argument names the vectors to play: those whose key holds it.

import { main } from './server.mjs';
import { play } from './suite.mjs';

await main('node', (server, filter) => play({ server, filter, runtime: 'node', atOnce: 12 }));
