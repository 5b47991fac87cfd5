// A test host that is killed closes this pipe: the proxy must not outlive it.
process.stdin.on('end', () => process.exit()).resume();
