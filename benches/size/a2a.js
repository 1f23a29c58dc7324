import { ClientFactory, JsonRpcTransportFactory } from '@a2a-js/sdk/client';

const factory = new ClientFactory({ transports: [new JsonRpcTransportFactory()] });
const client = await factory.createFromUrl('https://api.example.com');
const part = { content: { $case: 'data', value: { orderId: 'ORD-123' } }, filename: '', mediaType: '' };
const message = { messageId: crypto.randomUUID(), contextId: '', taskId: '', role: 1, parts: [part] };
console.log(await client.sendMessage({ tenant: '', message: { ...message, extensions: [], referenceTaskIds: [] } }));
