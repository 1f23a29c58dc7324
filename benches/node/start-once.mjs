// One start, told to node/start.mjs: when the import of the client began.

const [file, origin] = process.argv.slice(2);
const { connect } = await import(`../clients/${file}.mjs`);
process.once('message', () => process.exit());

const started = performance.timeOrigin + performance.now();
const client = await connect(origin, globalThis.fetch);
client.invoke({}).catch(() => {});
process.send({ started });
