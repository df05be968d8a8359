import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { AppError } from '../../src/domain/app-error';
import type { Mailbox } from '../../src/domain/ports';
import { fetchAll } from '../contract/fetched';
import type { LoggedCall } from '../emulator/provider/api-server';
import type { ApiFault, ApiFaults } from '../emulator/provider/faults';
import { drain, mail, subjectOf } from './drain';

/** A provider with one empty mailbox, as the rows of the fault matrix need it. */
export interface FaultyProvider {
  mailbox: Mailbox;
  open(): Mailbox;
  faults: ApiFaults;
  refreshes: readonly number[];
  deliver(raw: string): string;
  revoke(forGood?: boolean): void;
  requests(): LoggedCall[];
  /** Whether a message is still where it was delivered. */
  isInPlace(handle: string): boolean;
}

export interface FaultRows {
  start(context: TestContext, timeoutMs: number): Promise<FaultyProvider>;
  /** Calls that page through news, that carry a message, and that delete (inside a batch, or for several at once). */
  newsCall: RegExp;
  rawCall: RegExp;
  deleteCall: RegExp;
  /** Messages come inside JSON rather than as they are. */
  rawIsJson: boolean;
}

const failsWith =
  (kind: string, code: string, more: Partial<Record<'retryAfterMs', number | undefined>> = {}) =>
  (thrown: unknown) => {
    assert.ok(thrown instanceof AppError, String(thrown));
    assert.deepEqual([thrown.kind, thrown.code], [kind, code], thrown.message);
    if ('retryAfterMs' in more) assert.equal(thrown.retryAfterMs, more.retryAfterMs);
    return true;
  };

/** The HTTP rows of the fault matrix: nothing lost, nothing doubled, healthy at the next poll. */
export function httpFaultRows(name: string, rows: FaultRows): void {
  const { newsCall, rawCall, deleteCall } = rows;
  const setUp = async (context: TestContext, timeoutMs = 10_000) => {
    const provider = await rows.start(context, timeoutMs);
    provider.deliver(mail('old'));
    const { position } = await drain(provider.mailbox, null);
    provider.deliver(mail('one'));
    provider.deliver(mail('two'));
    return { ...provider, position };
  };

  describe(`${name} in trouble`, () => {
    const throttling: [string, Partial<ApiFault>, number | undefined][] = [
      ['429 with Retry-After in seconds', { status: 429, retryAfter: '30' }, 30_000],
      ['429 without Retry-After', { status: 429 }, undefined],
      ['503 with Retry-After of a day', { status: 503, retryAfter: '86400' }, 86_400_000],
      ['503 with Retry-After of a year, which is cut to a day', { status: 503, retryAfter: '31536000' }, 86_400_000],
      ['429 with a Retry-After that is nonsense', { status: 429, retryAfter: 'soon' }, undefined],
    ];
    for (const [title, fault, retryAfterMs] of throttling) {
      test(`${title} is passed on, and the next poll lists what was waiting`, async (context) => {
        const { mailbox, faults, position } = await setUp(context);
        faults.add({ match: newsCall, kind: 'status', ...fault });
        await assert.rejects(mailbox.list(position, 50), failsWith('transient', 'throttled', { retryAfterMs }));
        assert.equal((await mailbox.list(position, 50)).arrivals.length, 2);
      });
    }

    test('a Retry-After that is a date counts from the answer, not from our clock', async (context) => {
      const { mailbox, faults, position } = await setUp(context);
      const inTwoMinutes = new Date(Date.now() + 120_000).toUTCString();
      faults.add({ match: newsCall, kind: 'status', status: 429, retryAfter: inTwoMinutes });
      await assert.rejects(mailbox.list(position, 50), (thrown: unknown) => {
        assert.ok(thrown instanceof AppError && thrown.retryAfterMs !== undefined);
        assert.ok(thrown.retryAfterMs > 60_000 && thrown.retryAfterMs <= 121_000, String(thrown.retryAfterMs));
        return true;
      });
    });

    for (const status of [500, 502, 504]) {
      test(`${status} is trouble that passes`, async (context) => {
        const { mailbox, faults, position } = await setUp(context);
        faults.add({ match: newsCall, kind: 'status', status });
        await assert.rejects(mailbox.list(position, 50), failsWith('transient', 'provider-trouble'));
        assert.equal((await mailbox.list(position, 50)).arrivals.length, 2);
      });
    }

    const broken: [string, ApiFault['kind'], string][] = [
      ["a proxy's page with status 200", 'html', 'bad-answer'],
      ['half of the JSON with status 200', 'half-json', 'bad-answer'],
      ['an answer that is cut', 'cut', 'unreachable'],
      ['a connection that breaks', 'reset', 'unreachable'],
    ];
    for (const [title, kind, code] of broken) {
      test(`${title} is never "no messages"`, async (context) => {
        const { mailbox, faults, position } = await setUp(context);
        faults.add({ match: newsCall, kind });
        await assert.rejects(mailbox.list(position, 50), failsWith('transient', code));
        assert.equal((await mailbox.list(position, 50)).arrivals.length, 2, 'the next poll lists them');
      });

      // A mail that ends early and says so properly can't be told from a short one, where it comes as it is.
      if (kind === 'half-json' && !rows.rawIsJson) continue;
      test(`${title} is never a mail`, async (context) => {
        const { mailbox, faults, position } = await setUp(context);
        const handles = (await mailbox.list(position, 50)).arrivals.map(({ handle }) => handle);
        faults.add({ match: rawCall, kind });
        await assert.rejects(fetchAll(mailbox, handles), failsWith('transient', code));
        assert.deepEqual((await fetchAll(mailbox, handles)).map(subjectOf), ['one', 'two']);
      });
    }

    test('an answer that never comes ends at the deadline', async (context) => {
      const { mailbox, faults, position } = await setUp(context, 400);
      faults.add({ match: newsCall, kind: 'stall' });
      await assert.rejects(mailbox.list(position, 50), failsWith('transient', 'timeout'));
      assert.equal((await mailbox.list(position, 50)).arrivals.length, 2);
    });

    test('one byte a second ends at the deadline', async (context) => {
      const { mailbox, faults, position } = await setUp(context, 1_500);
      faults.add({ match: newsCall, kind: 'drip' });
      await assert.rejects(mailbox.list(position, 50), failsWith('transient', 'timeout'));
      assert.equal((await mailbox.list(position, 50)).arrivals.length, 2);
    });

    test('a page that names itself as the next one is left after a few requests', async (context) => {
      const { mailbox, faults, position, requests } = await setUp(context);
      requests();
      faults.add({ match: newsCall, kind: 'same-page', times: 1_000 });
      await assert.rejects(mailbox.list(position, 50), failsWith('transient', 'paging-loop'));
      assert.ok(requests().length <= 5);
      faults.clear();
      assert.equal((await mailbox.list(position, 50)).arrivals.length, 2);
    });

    test('a token that is refused in the middle of a run is renewed once, for all calls', async (context) => {
      const { mailbox, position, revoke, refreshes, deliver } = await setUp(context);
      for (let n = 0; n < 10; n += 1) deliver(mail(`more ${n}`, 1_000));
      const { arrivals } = await mailbox.list(position, 50);
      revoke();
      const handles = arrivals.map(({ handle }) => handle);
      assert.equal((await fetchAll(mailbox, handles)).filter(({ outcome }) => outcome === 'raw').length, 12);
      assert.equal(refreshes.length, 1);
      assert.ok((await mailbox.settle(handles, 'mark-read', '')).every(({ outcome }) => outcome === 'settled'));
      assert.equal(refreshes.length, 1, 'the renewed token goes on being used');
    });

    test('a token that is refused again after that suspends the connection, without a storm', async (context) => {
      const { mailbox, position, revoke, refreshes, requests } = await setUp(context);
      revoke(true);
      requests();
      await assert.rejects(mailbox.list(position, 50), failsWith('access', 'sign-in-failed'));
      assert.equal(refreshes.length, 1);
      assert.ok(requests().length <= 2);
    });

    test('a delete whose answer is lost has happened once, and is told as gone', async (context) => {
      const { mailbox, faults, position, isInPlace, deliver } = await setUp(context);
      const other = deliver(mail('other'));
      const handles = (await mailbox.list(position, 50)).arrivals
        .map(({ handle }) => handle)
        .filter((handle) => handle !== other);
      faults.add({ match: deleteCall, kind: 'status-after', status: 504, times: 2 });
      await assert.rejects(mailbox.settle(handles, 'delete', ''), failsWith('transient', 'provider-trouble'));
      const again = await mailbox.settle(handles, 'delete', '');
      assert.deepEqual(
        again.map(({ outcome }) => outcome),
        ['gone', 'gone'],
      );
      assert.ok(handles.every((handle) => !isInPlace(handle)));
      assert.ok(isInPlace(other), 'and nothing else is deleted');
    });

    test('404 on delete is success', async (context) => {
      const { mailbox, position, faults } = await setUp(context);
      const handles = (await mailbox.list(position, 50)).arrivals.map(({ handle }) => handle);
      faults.add({ match: deleteCall, kind: 'status', status: 404, times: 3 });
      const settled = await mailbox.settle(handles, 'delete', '');
      assert.deepEqual(new Set(settled.map(({ outcome }) => outcome)), new Set(['gone']));
    });

    test('whichever request of a listing fails, nothing is lost and the order stays', async (context) => {
      const { deliver, open, faults, requests } = await rows.start(context, 10_000);
      const sent = Array.from({ length: 23 }, (_, n) => deliver(mail(`mail ${n}`)));
      requests();
      await drain(open(), null, 5);
      const total = requests().length;
      for (let failing = 0; failing < total; failing += 1) {
        for (const kind of ['status', 'html', 'reset'] as const) {
          faults.clear();
          faults.add({ match: /./, kind, status: 500, skip: failing });
          const handles: string[] = [];
          let position: string | null = null;
          let failures = 0;
          for (let more = true; more; ) {
            try {
              const listing = await open().list(position, 5);
              handles.push(...listing.arrivals.map(({ handle }) => handle));
              ({ position, more } = listing);
            } catch (thrown) {
              assert.ok(thrown instanceof AppError && thrown.kind === 'transient', String(thrown));
              failures += 1;
              assert.ok(failures < 3);
            }
          }
          assert.deepEqual(handles, sent, `${kind} at request ${failing}`);
        }
      }
    });
  });
}
