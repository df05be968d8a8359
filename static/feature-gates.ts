/**
 * Stands in for the feature-gate client that Atlaskit's packages bring along: Atlassian's own roll-outs are not for us, and
 * its telemetry client would be a fifth of the page. Every question gets its default.
 */
const featureGates = {
  initializeCompleted: () => false,
  checkGate: () => false,
  getExperimentValue: <T>(_experiment: string, _parameter: string, defaultValue: T): T => defaultValue,
};

// biome-ignore lint/style/noDefaultExport: the module that this one replaces has a default export.
export default featureGates;
