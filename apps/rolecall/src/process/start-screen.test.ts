import { describe, expect, it } from 'vitest';
import { createStyle, widthOf } from '../output/index.ts';
import { renderStartScreen, type StartScreen } from './start-screen.ts';

const first: StartScreen = {
  url: 'http://127.0.0.1:4000',
  newKey: `rk_manage_${'x'.repeat(43)}`,
  keyHint: 'xxxx',
  keyIsGiven: false,
  workos: {
    url: 'http://127.0.0.1:4001',
    simulated: {
      apiKey: `sk_test_${'x'.repeat(32)}`,
      organizations: ['kestrel', 'halcyon'],
    },
    expectsWebhooks: true,
  },
  sampleIsThere: false,
  place: 'the data stays in .rolecall',
  isPublic: false,
  isFound: true,
};
const later: StartScreen = { ...first, newKey: undefined, sampleIsThere: true };
const real = { url: 'https://api.workos.com', simulated: undefined, expectsWebhooks: true };
const plain = createStyle(false);

describe('renderStartScreen', () => {
  it('fits a narrow terminal', () => {
    for (const screen of [first, later, { ...first, workos: real, isPublic: true }]) {
      const lines = renderStartScreen(screen, plain).split('\n');
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(96);
    }
  });

  it('shows a key that was made just now, and only then', () => {
    expect(renderStartScreen(first, plain)).toContain(`Key         ${first.newKey ?? ''}`);
    expect(renderStartScreen(later, plain)).toContain('ends in xxxx');
    expect(renderStartScreen(later, plain)).not.toContain('rk_manage');
  });

  it('names the variable of a key that was given, and not the key', () => {
    const text = renderStartScreen({ ...later, workos: real, keyIsGiven: true }, plain);
    expect(text).toContain('that of ROLECALL_API_KEY');
    expect(text).not.toContain('xxxx');
  });

  it('says how to get a key when none works', () => {
    const text = renderStartScreen({ ...later, keyHint: undefined }, plain);
    expect(text).toContain('none works; make one: npx rolecall keys create admin --direct');
  });

  it('says how to change something on each side of a simulated WorkOS, and nothing of a real one', () => {
    expect(renderStartScreen(first, plain)).toContain('npx rolecall roles update kestrel');
    expect(renderStartScreen(first, plain)).toContain('/_simulator/dashboard/suspend-member');
    expect(renderStartScreen({ ...first, workos: real }, plain)).not.toContain('simulat');
  });

  it('says what a real WorkOS without webhooks means', () => {
    const silent = { ...real, expectsWebhooks: false };
    expect(renderStartScreen({ ...first, workos: silent }, plain)).toContain('within a minute');
    expect(renderStartScreen({ ...first, workos: real }, plain)).not.toContain('within a minute');
  });

  it('offers a sample only while it is not there', () => {
    expect(renderStartScreen(first, plain)).toContain('npx rolecall import');
    expect(renderStartScreen(later, plain)).not.toContain('npx rolecall import');
  });

  it('tells the command line the address where it would not find it', () => {
    const line = `export ROLECALL_URL=${first.url}`;
    expect(renderStartScreen({ ...first, isFound: false }, plain)).toContain(line);
    expect(renderStartScreen(first, plain)).not.toContain(line);
  });

  it('warns when others on the network can reach it', () => {
    expect(renderStartScreen({ ...later, isPublic: true }, plain)).toContain('without TLS');
  });
});
