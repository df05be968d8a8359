import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const tools = fileURLToPath(new URL('atlassian-tools.cjs', import.meta.url));
export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface ToolAnswer {
  success: boolean;
  /** Errors and warnings. */
  problems: unknown[];
  /** The bundle. */
  file?: string;
  /** How many files were linted. */
  files?: number;
}

/** Runs one of Atlassian's tools on an app's folder. */
export function runTool(command: 'validate' | 'lint' | 'bundle', folder = root): ToolAnswer {
  const output = execFileSync(process.execPath, [tools, command], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as ToolAnswer;
}
