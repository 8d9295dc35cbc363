// Fills a folder until the file system refuses. Returns bytes written and the error's code.
const fs = require('fs');
const block = Buffer.alloc(1 << 20, 1);
let written = 0;
for (let file = 0; ; file += 1) {
  try {
    const descriptor = fs.openSync(`${FOLDER}/fill-${file}`, 'w');
    for (let part = 0; part < 16; part += 1) written += fs.writeSync(descriptor, block);
    fs.closeSync(descriptor);
  } catch (error) {
    return { written, code: error.code };
  }
  if (written > LIMIT * 2) return { written, code: 'none' };
}
