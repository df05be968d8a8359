import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import { Component, type ReactNode } from 'react';
import { PageError } from './call';

const texts = {
  forbidden: 'Only Jira administrators can open this page',
  broken: 'This page could not be shown',
  brokenHint:
    'Either a part of it could not be loaded over the network, or it is a fault of Letterbox. Nothing was saved by it; load the page again to go on.',
  reload: 'Load again',
} as const;

interface Props {
  /** What is shown: another place is tried anew. */
  place: string;
  children: ReactNode;
}

/** Stands in for the whole page when nothing on it can be shown: for who may not see it, and after a fault of ours. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: Props) {
    if (before.place !== this.props.place) this.setState({ error: null });
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
