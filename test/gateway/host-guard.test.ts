import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppError } from '../../src/domain/app-error';
import { hostGuard, isPublicAddress } from '../../src/gateway/host-guard';
import { isError } from '../contract/fetched';

const refused = [
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::127.0.0.1',
  '::8.8.8.8',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::FFFF:7f00:1',
  '0:0:0:0:0:ffff:a9fe:a9fe',
  '64:ff9b::10.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::8.8.8.8',
  '64:ff9b:1:a00::10.0.0.1',
  // RFC 2765: for translators.
  '::ffff:0:127.0.0.1',
  '::ffff:0:8.8.8.8',
  '100::1',
  '2001::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:10::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:808:808::1',
  '2002:a9fe:a9fe::',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  '2a00:1450::1%eth0',
  'fec0::1',
  'ff02::1',
  '2a00:1450::5efe:10.0.0.1',
  '2a00:1450::200:5efe:c0a8:101',
  'fe80::5efe:8.8.8.8',
  'not an address',
  '',
  '1.2.3',
  '0x7f.1',
  '2130706433',
];
const allowed = [
  '8.8.8.8',
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '168.63.129.17',
  '2606:4700:4700::1111',
  '2a00:1450:4001:82a::200e',
  '2a00:1450::5efe:8.8.8.8',
  '::ffff:8.8.8.8',
  '::ffff:808:808',
  '64:ff9b::8.8.8.8',
];

for (const address of refused)
  test(`refuses ${address || 'nothing'}`, () => assert.equal(isPublicAddress(address), false));
for (const address of allowed) test(`lets ${address} through`, () => assert.equal(isPublicAddress(address), true));

const guard = (answers: string[], options: { allowPrivate?: boolean; ports?: number[] | null } = {}) =>
  hostGuard({
    allowPrivate: options.allowPrivate ?? false,
    ports: options.ports === undefined ? [993] : options.ports,
    lookup: async () => answers,
  });

test('a name is as good as the worst of its addresses', async () => {
  assert.deepEqual(await guard(['8.8.8.8', '2606:4700:4700::1111'])('mail.example.com', 993), [
    '8.8.8.8',
    '2606:4700:4700::1111',
  ]);
  await assert.rejects(
    guard(['8.8.8.8', '10.0.0.1'])('mail.example.com', 993),
    isError('host-unreachable', 'transient', 'connect'),
  );
});

test('addresses are checked like names', async () => {
  assert.deepEqual(await guard([])('8.8.8.8', 993), ['8.8.8.8']);
  await assert.rejects(guard([])('127.0.0.1', 993), isError('host-unreachable', 'transient', 'connect'));
  await assert.rejects(guard([])('::1', 993), isError('host-unreachable', 'transient', 'connect'));
});

test('an operator can let private addresses through', async () => {
  assert.deepEqual(await guard(['10.0.0.1'], { allowPrivate: true })('mail.intern', 993), ['10.0.0.1']);
});

test('other ports are refused before the name is looked up', async () => {
  let lookups = 0;
  const lookup = async () => {
    lookups += 1;
    return ['8.8.8.8'];
  };
  await assert.rejects(
    hostGuard({ allowPrivate: true, ports: [993], lookup })('mail.example.com', 22),
    isError('host-unreachable', 'transient'),
  );
  assert.equal(lookups, 0);
  assert.deepEqual(await hostGuard({ allowPrivate: false, ports: null, lookup })('mail.example.com', 22), ['8.8.8.8']);
});

test('a refusal says no more than that nobody answers', async () => {
  const messageOf = (work: Promise<unknown>) =>
    work.then(String, (error: AppError) => JSON.stringify([error.code, error.message, error.detail, error.step]));
  const texts = await Promise.all([
    messageOf(guard(['10.0.0.1'])('mail.example.com', 993)),
    messageOf(guard(['169.254.169.254'])('mail.example.com', 993)),
    messageOf(guard(['8.8.8.8'], { ports: [143] })('mail.example.com', 993)),
  ]);
  assert.equal(new Set(texts).size, 1);
});

test('a name that is not there is told apart', async () => {
  const lookup = () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
  await assert.rejects(
    hostGuard({ allowPrivate: false, ports: null, lookup })('nowhere.example', 993),
    isError('host-not-found', 'transient', 'lookup'),
  );
  await assert.rejects(guard([])('nowhere.example', 993), isError('host-not-found', 'transient', 'lookup'));
});
