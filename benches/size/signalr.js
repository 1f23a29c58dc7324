import { HubConnectionBuilder } from '@microsoft/signalr';

const connection = new HubConnectionBuilder().withUrl('https://api.example.com/hub').build();
await connection.start();
console.log(await connection.invoke('GetOrder', { orderId: 'ORD-123' }));
