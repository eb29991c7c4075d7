/** Says clearly when the Node.js that runs us is too old, before anything else can fail for it. */
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `Mainstay needs Node.js 24 or newer; this is ${process.version} (${process.execPath}).\n` +
      'On Linux and Windows "npm ci" brings it: start with "npm start", or node_modules/.bin/node.\n' +
      'On macOS install Node.js 24 yourself.\n',
  );
  process.exit(1);
}
