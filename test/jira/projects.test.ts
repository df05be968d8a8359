import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import { issueTypesOf, searchProjects } from '../../src/jira/projects';
import { openSite, type Site } from './site';

let site: Site;
before(async () => {
  site = await openSite();
});
after(() => site.close());

const run = <T>(fn: () => Promise<T>, accountId: string | null = null): Promise<T> => site.forge.run(fn, { accountId });

test('finds the projects that have the words in their name or key', async () => {
  const all = await run(() => searchProjects(''));
  assert.deepEqual(all.map(({ key }) => key).sort(), ['DEV', 'SUP']);
  assert.deepEqual(
    (await run(() => searchProjects('sup'))).map(({ key }) => key),
    ['SUP'],
  );
  assert.deepEqual(await run(() => searchProjects('a & b = c')), []);
});

test('asks for projects to create in, page by page, and not for ever', async () => {
  site.requests.length = 0;
  const page = { values: [{ id: '1', key: 'A', name: 'A' }], isLast: false };
  for (let count = 0; count < 4; count++) site.answerNext(200, page);
  assert.deepEqual(await run(() => searchProjects('a')), [{ id: '1', key: 'A', name: 'A' }]);
  const starts = site.requests.map(({ path }) => new URL(path, 'https://x').searchParams.get('startAt'));
  assert.deepEqual(starts, ['0', '50', '100', '150']);
  assert.match(site.requests[0]?.path ?? '', /action=create/);
});

test('never takes trouble for "no projects"', async () => {
  for (const [status, body] of [
    [200, '<html>'],
    [503, {}],
    [403, {}],
  ] as const) {
    site.answerNext(status, body);
    await assert.rejects(
      run(() => searchProjects('')),
      AppError,
    );
  }
});

test('lists issue types, and no sub-tasks', async () => {
  const [project] = await run(() => searchProjects('SUP'));
  const types = await run(() => issueTypesOf(project?.id ?? ''));
  assert.ok(types.length > 0);
  site.answerNext(200, {
    issueTypes: [
      { id: '1', name: 'Task', subtask: false },
      { id: '2', name: 'Sub-task', subtask: true },
    ],
    total: 2,
  });
  assert.deepEqual(await run(() => issueTypesOf('10000')), [{ id: '1', name: 'Task' }]);
});

test('names the field when the project is gone', async () => {
  await assert.rejects(
    run(() => issueTypesOf('99999')),
    (error) =>
      error instanceof AppError && error.code === 'project-gone' && error.field === 'settings.target.projectId',
  );
});
