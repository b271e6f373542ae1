/** Preloaded into a run of the command: tells on the standard error which files it had loaded when it ended. */
process.on("exit", () => {
  process.stderr.write(`${JSON.stringify(Object.keys(require.cache))}\n`);
});
