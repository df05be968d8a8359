// Atlassian's own validator, linter and bundler, as the Forge CLI calls them, without a login. They are CommonJS and want to be
// started as a program: node atlassian-tools.cjs validate|lint|bundle, in the app's folder; the answer is JSON on the last line.
const { mkdtempSync, mkdirSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const silent = { info() {}, warn() {}, error() {}, debug() {}, trace() {} };

// The permission linter downloads the products' API descriptions. Where that can't be, it knows no paths, and checks everything
// else; that each request has its scope in the manifest is then left to the emulator, which refuses those that have not.
const download = globalThis.fetch;
globalThis.fetch = (...request) =>
  download(...request)
    .then((response) => (response.ok ? response : Response.json({ paths: {} })))
    .catch(() => Response.json({ paths: {} }));

const commands = {
  async validate() {
    const { FullValidationProcessor } = require('@forge/manifest');
    const { success, errors } = await new FullValidationProcessor({}).process();
    return { success, problems: errors ?? [] };
  },

  async lint() {
    const { ConfigFile, FileSystemReader, FileSystemWriter } = require('@forge/cli-shared');
    const { lint } = require('@forge/lint');
    const reader = new FileSystemReader();
    const manifest = await new ConfigFile(reader, new FileSystemWriter()).readConfig();
    const files = await reader.recursiveReadDir('./src', []);
    // Asks a service of Atlassian's which runtimes are deprecated; offline none is known to be.
    const features = { getDeprecatedRuntimes: async () => [] };
    const results = await lint(files, manifest, 'development', silent, features, { linter: { mode: 'client-side' } });
    const problems = results.flatMap(({ file, errors, warnings, approvals }) =>
      [...errors, ...warnings, ...approvals].map(({ message }) => `${file}: ${message}`),
    );
    return { success: problems.length === 0, problems, files: files.length };
  },

  async bundle() {
    const runtime = mkdtempSync(path.join(tmpdir(), 'letterbox-runtime-'));
    mkdirSync(path.join(runtime, 'dist'));
    // The platform's own wrapper and loader are not published; the bundle is loaded without them here.
    for (const name of ['wrapper', 'loader'])
      writeFileSync(path.join(runtime, 'dist', `${name}.js`), '// not published');
    process.env.FORGE_RUNTIME_PATH = runtime;
    const { getNodeBundler, getWrapperProvider } = require('@forge/bundler');
    const { FileSystemReader } = require('@forge/cli-shared');
    const provider = getWrapperProvider({ fileSystemReader: new FileSystemReader() });
    const warnings = [];
    const logger = { ...silent, warn: (message) => warnings.push(message) };
    const bundler = getNodeBundler(logger, provider, { readConfig: async () => ({ app: {} }) });
    const entryPoints = [{ name: 'index', path: path.resolve('src/index.ts') }];
    const { outputDir } = await bundler.bundle({ appDirectory: process.cwd(), entryPoints });
    return { success: true, problems: warnings, file: path.join(outputDir, 'index.cjs') };
  },
};

commands[process.argv[2]]().then(
  (answer) => process.stdout.write(`\n${JSON.stringify(answer)}\n`),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  },
);
