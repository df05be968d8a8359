import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchAll, isError, mail, rawText } from './fetched';
import type { MailboxTraits, SetUp } from './mailbox-contract';

/** What holds where a mailbox has more than one folder. */
export function folderContract(setUp: SetUp, traits: () => MailboxTraits): void {
  const folderTest = (name: string, body: () => Promise<void>) =>
    test(name, (context) => (traits().folders ? body() : context.skip('the provider has one folder')));

  folderTest('moves into a folder, and moves nothing into a folder that is not there', async () => {
    const { account, mailbox } = await setUp([mail('one'), mail('two')]);
    await account.createFolder('Done/Büro');
    const handles = (await mailbox.list(null, 50)).arrivals.map(({ handle }) => handle);
    const [one = '', two = ''] = handles;
    const [refused] = await mailbox.settle([one], 'move', 'Nowhere/At all');
    assert.equal(refused?.outcome, 'refused');
    assert.match(refused?.outcome === 'refused' ? refused.message : '', /Nowhere\/At all/);
    assert.equal((await account.counts()).total, 2);
    assert.deepEqual(await mailbox.settle([two, one], 'move', 'Done/Büro'), [
      { handle: two, outcome: 'settled' },
      { handle: one, outcome: 'settled' },
    ]);
    assert.equal((await account.counts()).total, 0);
    assert.equal((await account.counts('Done/Büro')).total, 2);
    assert.deepEqual(await mailbox.settle([two], 'move', 'Done/Büro'), [{ handle: two, outcome: 'gone' }]);
    await mailbox.close();
  });

  folderTest('reads a folder below another, with letters that are not ASCII, and lists both', async () => {
    const { account } = await setUp();
    await account.createFolder('Support/Übersee & Co');
    await account.deliver([mail('far')], 'Support/Übersee & Co');
    const mailbox = account.open({ folder: 'Support/Übersee & Co' });
    const { arrivals } = await mailbox.list(null, 50);
    assert.deepEqual((await fetchAll(mailbox, [arrivals[0]?.handle ?? ''])).map(rawText), [mail('far')]);
    const folders = await mailbox.folders();
    assert.deepEqual(folders[0], { path: 'INBOX', selectable: true });
    // Servers that keep all folders below INBOX list them so; a folder can be given as it was listed.
    const listed = folders.find(({ path }) => /^(INBOX\/)?Support\/Übersee & Co$/.test(path));
    assert.equal(listed?.selectable, true);
    const again = account.open({ folder: listed?.path ?? '' });
    assert.equal((await again.list(null, 50)).arrivals.length, 1);
    await again.close();
    await mailbox.close();
  });

  folderTest('says that a folder does not exist', async () => {
    const { account } = await setUp();
    const mailbox = account.open({ folder: 'Support/Nowhere' });
    await assert.rejects(mailbox.list(null, 50), isError('folder-not-found', 'access', 'folder'));
    const report = await mailbox.check();
    assert.equal(report.ok, false);
    assert.deepEqual([report.steps.at(-1)?.step, report.steps.at(-1)?.ok], ['folder', false]);
    assert.ok(
      (await mailbox.folders()).some(({ path }) => path === 'INBOX'),
      'the folders can be listed all the same',
    );
    await mailbox.close();
  });
}

/** What holds where the server can forget every position, and says so. */
export function resetContract(setUp: SetUp, traits: () => MailboxTraits): void {
  const resetTest = (name: string, body: () => Promise<void>) =>
    test(name, (context) => (traits().reset ? body() : context.skip('positions are for good')));

  resetTest(
    'starts over when the server forgot the position, and leaves the new messages alone that old handles name',
    async () => {
      const { account } = await setUp();
      await account.createFolder('Support');
      await account.deliver([mail('old'), mail('older')], 'Support');
      const before = account.open({ folder: 'Support' });
      const old = await before.list(null, 50);
      await before.close();
      await account.reset('Support');
      await account.deliver([mail('new')], 'Support');
      const mailbox = account.open({ folder: 'Support' });
      const listing = await mailbox.list(old.position, 50);
      assert.equal(listing.reset, true);
      assert.equal(listing.arrivals.length, 1);
      const handles = old.arrivals.map(({ handle }) => handle);
      assert.deepEqual((await fetchAll(mailbox, handles)).map(rawText), ['(gone)', '(gone)']);
      const settled = await mailbox.settle(handles, 'delete', '');
      assert.deepEqual(
        settled.map(({ outcome }) => outcome),
        ['gone', 'gone'],
      );
      assert.equal((await account.counts('Support')).total, 1);
      assert.equal((await mailbox.list(listing.position, 50)).reset, false);
      await mailbox.close();
    },
  );
}
