// Starts processes until the kernel refuses; they stay. Returns how many there were and the error's code.
const { spawn } = require('child_process');
let started = 0;
let code = null;
while (!code && started < 200) {
  code = await new Promise((resolve) => {
    const child = spawn('/.ably-pause', { stdio: 'ignore' });
    child.on('spawn', () => resolve(null));
    child.on('error', (error) => resolve(error.code));
  });
  if (!code) started += 1;
}
return { started, code };
