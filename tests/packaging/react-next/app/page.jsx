// A server component: it reads by itself, and hands over what it has read.
import { AncpClient } from '@bizfirst/ancp-core';
import { ancpQueryOptions } from '@bizfirst/ancp-react/tanstack';
import { dehydrate, QueryClient } from '@tanstack/react-query';
import { Checks } from './checks.jsx';

export const dynamic = 'force-dynamic';

export default async function Page() {
  const { apiKey, ...address } = JSON.parse(process.env.ANCP_TEST_NODE);
  const client = new AncpClient({ ...address, auth: { apiKey } });
  const queryClient = new QueryClient();
  await queryClient.prefetchQuery(ancpQueryOptions(client, 'get-order', { orderId: 'ORD-1' }, { scope: 'node' }));
  client.close();
  return <Checks state={dehydrate(queryClient)} />;
}
