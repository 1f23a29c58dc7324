// How every test starts headless Chromium: nothing that goes out to a network, and fit for a container's root.

export const CHROMIUM = {
  executablePath: process.env.CHROME || '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
