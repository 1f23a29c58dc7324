import { createRoot } from 'react-dom/client';
import { runInPage } from '../support/page.mjs';
import { App } from './app';

const LIMIT_MS = 10_000;

async function shows(id, text) {
  const late = performance.now() + LIMIT_MS;
  const seen = () => document.getElementById(id)?.textContent;
  while (seen() !== text) {
    if (performance.now() > late) throw new Error(`#${id} shows ${seen()} instead of ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const click = (id) => document.getElementById(id).click();

void runInPage(async ({ apiKey, ...address }) => {
  const root = createRoot(document.getElementById('root'));
  root.render(<App options={{ ...address, auth: { apiKey } }} />);
  await shows('node', 'true true');
  await shows('suspending', 'Active');
  click('order');
  await shows('order', 'Active');
  click('report');
  await shows('report', '5050 true');
  click('payroll');
  await shows('payroll', 'Completed 120');
  root.unmount();
});
