import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchAll } from '../../contract/fetched';
import { drain, mail, subjectOf } from '../drain';
import { address, setUpGmail } from './gmail-set-up';

test('new mail is listed whether or not its history names labels', async (context) => {
  for (const bareHistory of [false, true]) {
    const { deliver, google, open } = await setUpGmail(context, { bareHistory });
    const mailbox = open('');
    const old = deliver(mail('old'));
    const { position } = await drain(mailbox, null);
    google.label(address, old, { add: ['STARRED'], remove: ['UNREAD'] });
    const fresh = [deliver(mail('new')), deliver(mail('newer'))];
    deliver(mail('elsewhere'), { label: 'Other' });
    const { arrivals } = await drain(mailbox, position);
    assert.deepEqual(
      arrivals.map(({ handle }) => handle),
      fresh,
      `without labels: ${bareHistory}`,
    );
  }
});

test('mail that is in the trash or spam keeps its label, and is listed when it comes out of there', async (context) => {
  for (const bareHistory of [false, true]) {
    const { deliver, google, open } = await setUpGmail(context, { bareHistory });
    const mailbox = open('Support');
    deliver(mail('first'), { label: 'Support' });
    let { position } = await drain(mailbox, null);
    const list = async () => {
      const listing = await drain(mailbox, position);
      position = listing.position;
      return listing.arrivals.map(({ handle }) => handle);
    };
    const [trashed, spam] = [
      deliver(mail('trashed'), { label: 'Support' }),
      deliver(mail('spam'), { label: 'Support' }),
    ];
    google.label(address, trashed, { add: ['TRASH'] });
    google.label(address, spam, { add: ['SPAM'] });
    assert.deepEqual(await list(), []);
    google.label(address, trashed, { remove: ['TRASH'] });
    google.label(address, spam, { remove: ['SPAM'], add: ['INBOX'] });
    assert.deepEqual(await list(), [trashed, spam]);
  }
});

test('drafts and chats that carry the label are no mail', async (context) => {
  const { deliver, google, open } = await setUpGmail(context);
  google.addLabel(address, 'Support');
  const mailbox = open('Support');
  const { position } = await drain(mailbox, null);
  for (const kind of ['DRAFT', 'CHAT']) {
    const id = deliver(mail(kind), { label: kind });
    google.label(address, id, { add: ['Support'] });
  }
  const id = deliver(mail('mail'), { label: 'Support' });
  const { arrivals } = await drain(mailbox, position);
  assert.deepEqual(
    arrivals.map(({ handle }) => handle),
    [id],
  );
});

test('mail that is not found yet, or that Gmail has trouble with, is listed, and holds up nothing', async (context) => {
  const { deliver, google, mailbox } = await setUpGmail(context);
  const { position } = await drain(mailbox, null);
  const ids = ['a', 'lagging', 'troubled', 'd'].map((subject) => deliver(mail(subject)));
  const fail = (id: string | undefined, status: number) =>
    google.faults.add({ match: new RegExp(`messages/${id}\\?format=minimal`), kind: 'status', status, times: 1 });
  fail(ids[1], 404);
  fail(ids[2], 500);
  const handles = (await mailbox.list(position, 50)).arrivals.map(({ handle }) => handle);
  assert.deepEqual(handles, ids);
  fail(ids[1], 404);
  fail(ids[2], 500);
  assert.deepEqual((await fetchAll(mailbox, handles)).map(subjectOf), ['a', '(gone)', 'troubled', 'd']);
});
