import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { admin, issueBody, testJira, upload } from './asking';

const text = (bytes: string) => new Uint8Array(Buffer.from(bytes));

describe('state', () => {
  test('is there again after the process ended without a farewell', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'letterbox-jira-'));
    try {
      const first = testJira({ directory });
      await first.ask('POST', 'issue', issueBody());
      await first.ask('POST', 'issue', issueBody({ project: { key: 'DEV' } }));
      await first.ask('DELETE', 'issue/DEV-1', undefined, admin);
      await upload(first.jira, 'SUP-1', { name: 'a.txt', type: 'text/plain', bytes: text('kept') });

      const second = testJira({ directory });
      const issue = (await second.ask('GET', 'issue/SUP-1')).body;
      const file = second.jira.state.file(issue.fields.attachment[0].id) ?? new Uint8Array();
      assert.equal(Buffer.from(file).toString(), 'kept');
      assert.equal((await second.ask('POST', 'issue', issueBody({ project: { key: 'DEV' } }))).body.key, 'DEV-2');
      second.jira.close();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('survives that the journal is compacted, with numbers that stay used', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'letterbox-jira-'));
    try {
      const first = testJira({ directory });
      await first.ask('POST', 'issue', issueBody());
      for (let edit = 0; edit < 200; edit += 1) {
        await first.ask('PUT', 'issue/SUP-1', { fields: { summary: `Edit ${edit}` } });
        first.clock.advance(1_000);
      }
      await first.ask('POST', 'issue', issueBody());
      await first.ask('DELETE', 'issue/SUP-2', undefined, admin);
      first.jira.close();
      testJira({ directory }).jira.close();
      const third = testJira({ directory });
      assert.equal((await third.ask('GET', 'issue/SUP-1')).body.fields.summary, 'Edit 199');
      assert.equal((await third.ask('POST', 'issue', issueBody())).body.key, 'SUP-3');
      third.jira.close();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
