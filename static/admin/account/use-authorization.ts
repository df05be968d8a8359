import { router } from '@forge/bridge';
import { useEffect, useState } from 'react';
import type { Payload } from '../../../src/resolvers/contract';
import { call, type PageError, toPageError } from '../../shared/call';

/** Milliseconds between two looks at what became of a sign-in. */
const lookMs = 1_500;

export type SignIn =
  | { state: 'none' }
  | { state: 'beginning' }
  | { state: 'waiting'; authorizationId: string; url: string }
  /** The person declined to leave the product, or the browser stopped the tab: nobody signs in, so nothing waits. */
  | { state: 'not-opened'; authorizationId: string; url: string }
  | { state: 'connected'; authorizationId: string; mailbox: string }
  | { state: 'failed'; message: string }
  | { state: 'not-begun'; error: PageError };

export interface Authorization {
  signIn: SignIn;
  begin: (start: Payload<'authorizations.begin'>) => Promise<void>;
  openAgain: () => void;
  forget: () => void;
}

/** A sign-in at a provider: opened in a new tab, and asked about until it is over. */
export function useAuthorization(): Authorization {
  const [signIn, setSignIn] = useState<SignIn>({ state: 'none' });
  const waitingFor = signIn.state === 'waiting' ? signIn.authorizationId : null;

  const begin: Authorization['begin'] = async (start) => {
    setSignIn({ state: 'beginning' });
    try {
      const { authorizationId, url } = await call('authorizations.begin', start);
      await openTab({ authorizationId, url });
    } catch (thrown) {
      setSignIn({ state: 'not-begun', error: toPageError(thrown) });
    }
  };

  const openTab = async (opened: { authorizationId: string; url: string }) => {
    const { authorizationId, url } = opened;
    setSignIn({ state: 'waiting', authorizationId, url });
    try {
      await router.open(url);
    } catch {
      setSignIn((now) => {
        // A sign-in that was ended or begun anew meanwhile is not this one.
        const isSame = now.state === 'waiting' && now.authorizationId === authorizationId;
        return isSame ? { state: 'not-opened', authorizationId, url } : now;
      });
    }
  };

  useEffect(() => {
    if (waitingFor === null) return;
    const authorizationId = waitingFor;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      // A look that fails is no answer: the sign-in may go on all the same, and it ends by itself when nobody comes.
      const outcome = await call('authorizations.outcome', { authorizationId }).catch(() => null);
      if (isOver) return;
      if (outcome === null || outcome.state === 'waiting') timer = setTimeout(() => void look(), lookMs);
      else if (outcome.state === 'connected') setSignIn({ ...outcome, authorizationId });
      else setSignIn({ state: 'failed', message: outcome.message });
    };
    timer = setTimeout(() => void look(), lookMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [waitingFor]);

  return {
    signIn,
    begin,
    openAgain: () => {
      if (signIn.state === 'waiting' || signIn.state === 'not-opened') void openTab(signIn);
    },
    forget: () => setSignIn({ state: 'none' }),
  };
}
