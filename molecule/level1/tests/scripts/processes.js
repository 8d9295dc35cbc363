// Starts processes until the kernel refuses; they stay. Returns how many there were and the error's code.
const { spawn } = require('child_process');
const children = [];
let code = 'none';
for (let count = 0; count < 200 && code === 'none'; count += 1) {
  try {
    const child = spawn('/usr/bin/node', ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
    const failed = await new Promise((resolve) => {
      child.on('error', (error) => resolve(error.code));
      child.on('exit', (status, signal) => resolve(`exit ${signal || status}`));
      setTimeout(() => resolve(null), 1500);
    });
    if (failed) code = failed;
    else children.push(child);
  } catch (error) {
    code = error.code;
  }
}
return { started: children.length, code };
