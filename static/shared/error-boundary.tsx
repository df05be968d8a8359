import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { Component, type ReactNode } from 'react';
import { PageError } from './call';

const texts = {
  forbidden: 'Only Jira administrators can open this page',
  broken: 'This page ran into a problem',
  brokenHint: 'It is a fault of Letterbox. Nothing was saved by it; load the page again to go on.',
  reload: 'Load again',
} as const;

interface Props {
  children: ReactNode;
}

/** Stands in for the whole page when nothing on it can be shown: for who may not see it, and after a fault of ours. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error }: { error: unknown } = this.state;
    if (error === null) return this.props.children;
    if (error instanceof PageError && error.code === 'forbidden') {
      return <EmptyState header={texts.forbidden} headingLevel={1} description={error.message} />;
    }
    return (
      <EmptyState
        header={texts.broken}
        headingLevel={1}
        description={texts.brokenHint}
        primaryAction={<Button onClick={() => window.location.reload()}>{texts.reload}</Button>}
      />
    );
  }
}
