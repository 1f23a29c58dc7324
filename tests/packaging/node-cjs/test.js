const assert = require('node:assert/strict');
const ancp = require('@bizfirst/ancp-core');
const did = require('@bizfirst/ancp-core/did');
const slim = require('@bizfirst/ancp-core/slim');

async function main() {
  const { exercise } = await import('../support/exercise.mjs');
  const { node } = await import('../support/node.mjs');
  assert.match(require.resolve('@bizfirst/ancp-core'), /node\.cjs$/);
  assert.equal(typeof slim.setWasmModule, 'function');
  await exercise(ancp, node);

  // The entry for DIDs has a copy of the errors' class.
  const nothing = { privateKey: undefined, publicKey: undefined };
  await assert.rejects(did.didKeyFrom(nothing), (error) => error instanceof ancp.AncpError);

  // An application may hold both copies, such as its own code's and that of a CommonJS library.
  const other = await import('@bizfirst/ancp-core');
  assert.notEqual(other.AncpError, ancp.AncpError);
  assert(new other.AncpError('Unauthorized', 401) instanceof ancp.AncpError);
}

void main();
