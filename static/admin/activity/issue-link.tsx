import Link from '@atlaskit/link';
import { router } from '@forge/bridge';
import type { ReactNode } from 'react';

/** A link to an issue of the product around the page, which only the product can open. */
export function IssueLink({ issueKey, children }: { issueKey: string; children?: ReactNode }) {
  return (
    <Link
      href={`/browse/${issueKey}`}
      onClick={(event) => {
        event.preventDefault();
        router.open({ target: 'issue', issueKey }).catch(() => undefined);
      }}
    >
      {children ?? issueKey}
    </Link>
  );
}
