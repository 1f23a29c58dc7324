// A server component: it may use what the package marks for the client.
import { AncpProvider } from '@bizfirst/ancp-react';

const { apiKey, ...address } = JSON.parse(process.env.ANCP_TEST_NODE);

/** Before React's own scripts: a hydration that does not fit is told to the console and the window. */
const COLLECT = `
  window.ancpErrors = [];
  addEventListener('error', ({ message }) => ancpErrors.push(message));
  const { error } = console;
  console.error = (...args) => { ancpErrors.push(args.join(' ')); error(...args); };
`;

export default function Layout({ children }) {
  return (
    <html lang="en">
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a script of this file, which must run first */}
        <script dangerouslySetInnerHTML={{ __html: COLLECT }} />
      </head>
      <body>
        <AncpProvider options={{ ...address, auth: { apiKey } }}>{children}</AncpProvider>
      </body>
    </html>
  );
}
