// Fifty children at once, stopped where they begin. The prompt says that all are there.
const { spawn } = require('child_process');
for (let n = 0; n < 50; n += 1) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60000)'], { stdio: 'ignore' });
  child.kill('SIGSTOP');
}
process.stdout.write('ably> ');
setInterval(() => {}, 60000);
