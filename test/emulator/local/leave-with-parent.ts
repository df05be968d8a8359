/**
 * Loaded before a child process's own program: a child whose parent was killed ends too, instead of living on and keeping its port.
 * The channel closes however the parent ended.
 */
process.once('disconnect', () => process.exit(0));
process.channel?.unref();
