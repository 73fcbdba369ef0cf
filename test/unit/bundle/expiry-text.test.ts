import { expect, test } from 'vitest';
import { expiryText } from '../../../bundle/expiry-text.ts';

test.each([
  [20, 'expires in 20 days'],
  [20.99, 'expires in 20 days'],
  [2, 'expires in 2 days'],
  [47 / 24, 'expires in 47 hours'],
  [1 / 24, 'expires in 1 hour'],
  [0.01, 'expires in less than an hour'],
  [0, 'expires in less than an hour'],
  [-0.01, 'expired less than an hour ago'],
  [-1 / 24, 'expired 1 hour ago'],
  [-0.5, 'expired 12 hours ago'],
  [-2, 'expired 2 days ago'],
  [-3.7, 'expired 3 days ago'],
])('%s days left: %s', (daysLeft, text) => {
  expect(expiryText(daysLeft)).toBe(text);
});
