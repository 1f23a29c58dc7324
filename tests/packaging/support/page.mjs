// The part of `openPage` (browser.mjs) that runs in the page.

const { node, report } = JSON.parse(decodeURIComponent(location.hash.slice(1)));

/** Runs a page's test with the mock node's address, and tells how it ended. */
export async function runInPage(test) {
  let problem = '';
  try {
    await test(node);
  } catch (error) {
    problem = `${error?.stack ?? error}`;
    for (let cause = error?.cause; cause !== undefined; cause = cause.cause) problem += `\ncaused by ${cause}`;
  }
  await fetch(report, { method: 'POST', mode: 'no-cors', body: problem });
}
