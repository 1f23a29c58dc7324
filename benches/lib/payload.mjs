// The same payloads for every client: an order with as many lines as fit, exactly as long as asked for.

/** @param bytes The length of the JSON text, 60 at least. */
export function payloadOf(bytes) {
  const payload = { orderId: 'ORD-123', status: 'Active', lines: [], note: '' };
  const line = { sku: 'SKU-00042', quantity: 3, price: 19.99, shipped: true, name: 'Zwölf Röhren, 4 mm' };
  const text = new TextEncoder();
  const size = () => text.encode(JSON.stringify(payload)).length;
  const each = text.encode(JSON.stringify(line)).length + 1;
  payload.lines = Array.from({ length: Math.max(0, Math.floor((bytes - size()) / each)) }, () => line);
  payload.note = '.'.repeat(bytes - size());
  return payload;
}

export const SIZES = { '100 B': 100, '300 B': 300, '10 KB': 10_000, '17 KB': 17_000, '1 MB': 1_000_000 };
