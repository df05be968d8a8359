import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asUser, NeedsAuthenticationError, route, webTrigger } from '@forge/api';
import { fixtureForge, temporaryFolder } from './fixture/forge';

const get = { method: 'GET', path: '/', headers: {}, query: {}, body: '' };

test('calls the function as Forge does', async () => {
  const seen: unknown[] = [];
  const answerDynamic = (event: unknown) => {
    seen.push(event);
    return { statusCode: 200 };
  };
  const forge = await fixtureForge({ functions: { answerDynamic } });
  const headers = { 'content-type': 'text/plain' };
  await forge.webTrigger('dynamic', {
    method: 'POST',
    path: '/hello',
    headers,
    query: { a: ['1', '2'] },
    body: 'text',
  });
  const { path, ...event } = seen[0] as Record<string, unknown>;
  assert.match(String(path), /^\/public\/[\w-]{25}\/hello$/);
  const { method, body, queryParameters, userPath } = event;
  assert.deepEqual(
    { method, body, queryParameters, userPath, headers: event.headers },
    {
      method: 'POST',
      body: 'text',
      queryParameters: { a: ['1', '2'] },
      userPath: '/hello',
      headers: { 'content-type': ['text/plain'] },
    },
  );
});

test('answers what a dynamic trigger returns, and 500 for what is no response', async () => {
  let answer: unknown;
  const forge = await fixtureForge({ functions: { answerDynamic: () => answer } });
  answer = { statusCode: 302, headers: { Location: ['https://a.example'] }, body: 'moved' };
  const moved = { status: 302, headers: { location: 'https://a.example' }, body: 'moved' };
  assert.deepEqual(await forge.webTrigger('dynamic', get), moved);
  for (answer of [
    undefined,
    'text',
    { body: 'no status' },
    { statusCode: '200' },
    { statusCode: 200, body: { json: true } },
    { statusCode: 200, headers: { Location: 'not a list' } },
  ]) {
    assert.equal((await forge.webTrigger('dynamic', get)).status, 500, JSON.stringify(answer));
  }
});

test('answers the chosen output of a static trigger, and nothing else', async () => {
  let answer: unknown = { outputKey: 'fine' };
  const forge = await fixtureForge({ functions: { answerStatic: () => answer } });
  const fine = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'It is fine.' };
  assert.deepEqual(await forge.webTrigger('static', get), fine);
  for (answer of [{ outputKey: 'other' }, { statusCode: 200, body: 'mine' }, undefined]) {
    assert.equal((await forge.webTrigger('static', get)).status, 500, JSON.stringify(answer));
  }
});

test('answers 500 without detail when the function throws, and 404 for an unknown trigger', async () => {
  const answerDynamic = () => {
    throw new Error('a secret');
  };
  const forge = await fixtureForge({ functions: { answerDynamic } });
  assert.deepEqual(await forge.webTrigger('dynamic', get), { status: 500, headers: {}, body: '' });
  assert.equal((await forge.webTrigger('unknown', get)).status, 404);
});

test('knows no user', async () => {
  let failure: unknown;
  const answerDynamic = async () => {
    failure = await asUser()
      .requestJira(route`/rest/api/3/myself`)
      .catch((error: unknown) => error);
    return { statusCode: 204 };
  };
  const forge = await fixtureForge({ functions: { answerDynamic } });
  await forge.webTrigger('dynamic', get);
  assert.ok(failure instanceof NeedsAuthenticationError);
});

test('has a URL for each installation that stays the same and leads to the trigger', async () => {
  const directory = await temporaryFolder();
  const options = {
    directory,
    webTriggerBaseUrl: 'http://127.0.0.1:8090/webtrigger',
    functions: { answerDynamic: () => ({ statusCode: 201 }) },
  };
  const before = await fixtureForge(options);
  const url = await before.run(() => webTrigger.getUrl('dynamic'));
  await before.close();
  const forge = await fixtureForge(options);
  assert.equal(await forge.run(() => webTrigger.getUrl('dynamic')), url);
  assert.notEqual(await forge.run(() => webTrigger.getUrl('static')), url);
  const other = await fixtureForge({ ...options, directory: null });
  assert.notEqual(await other.run(() => webTrigger.getUrl('dynamic')), url);
  const [, id] = /^http:\/\/127\.0\.0\.1:8090\/webtrigger\/public\/([\w-]+)$/.exec(url) ?? [];
  assert.equal((await forge.webTrigger(id ?? '', get)).status, 201);
  assert.deepEqual(await forge.run(() => webTrigger.queryUrls('dynamic')), [{ moduleKey: 'dynamic', url }]);
  await assert.rejects(forge.run(() => webTrigger.getUrl('unknown')));
});
