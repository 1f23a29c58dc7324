const { TestEnvironment } = require('jest-environment-jsdom');

/** jsdom has no `fetch`; projects that make real calls give it that of Node.js. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.fetch = fetch;
  }
};
