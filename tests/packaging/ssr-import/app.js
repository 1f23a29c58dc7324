// As the server part of an application would: imports the package, and makes a client where the module is evaluated.
import { AncpClient, AncpError, FakeAncpClient } from '@bizfirst/ancp-core';
import { AncpClient as SlimClient, setWasmModule } from '@bizfirst/ancp-core/slim';

export const client = new AncpClient({
  baseUrl: 'https://api.example.com',
  nodeId: 42,
  auth: { apiKey: () => fail() },
});
export const fake = new FakeAncpClient();
export const slim = new SlimClient({ baseUrl: 'https://api.example.com', nodeId: 42 });
export { AncpClient, AncpError, FakeAncpClient, setWasmModule };

function fail() {
  throw new Error('the key was asked for before a call needed it');
}
