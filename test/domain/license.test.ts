import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLicensed } from '../../src/domain/license';

test('only a license that is said not to be active keeps the app from working', () => {
  assert.equal(isLicensed({ active: false }), false);
  assert.equal(isLicensed({ isActive: false }), false, 'by its old name');
  for (const license of [undefined, null, {}, { active: true }, { isActive: true }, { active: true, isActive: false }])
    assert.equal(isLicensed(license), true, JSON.stringify(license));
});
