import { AncpClient } from '@bizfirst/ancp-core';

const client = new AncpClient({ baseUrl: 'https://api.example.com', nodeId: 42, auth: { apiKey: 'bfk_1' } });
console.log(await client.invoke('get-order', { orderId: 'ORD-123' }));
