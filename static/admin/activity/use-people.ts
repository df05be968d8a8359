import { useEffect, useState } from 'react';
import type { ActivityView } from '../../../src/resolvers/views';
import { call } from '../../shared/call';
import { entryTexts as texts } from './texts';

/** The most that one call names. */
const mostAtOnce = 50;

/** What the people who dismissed mail or changed settings are called; their account id until that is known. Null: an account that was closed. */
export function usePeople(entries: readonly ActivityView[] | null): (accountId: string | null) => string {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const unknown = [...new Set((entries ?? []).flatMap(({ by }) => by ?? []))].filter((id) => !names.has(id));
  const asked = unknown.slice(0, mostAtOnce).join(' ');

  useEffect(() => {
    if (asked === '') return;
    const accountIds = asked.split(' ');
    const learn = (people: readonly { id: string; name: string }[]) => {
      const learnt = new Map(people.map(({ id, name }) => [id, name]));
      // Who is gone keeps the account id for a name, so that nobody asks again.
      setNames(
        (before) => new Map([...before, ...accountIds.map((id): [string, string] => [id, learnt.get(id) ?? id])]),
      );
    };
    call('jira.users', { accountIds }).then(learn, () => learn([]));
  }, [asked]);

  return (accountId) => (accountId === null ? texts.formerUser : (names.get(accountId) ?? accountId));
}
