import { describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { createOutput, type Sink } from './output.ts';
import { createProgress } from './progress.ts';
import { createSteps } from './steps.ts';

interface Screen extends Sink {
  text: string;
}

function screen(terminal?: { columns: number; colours: boolean }): Screen {
  const sink: Screen = {
    text: '',
    isTTY: terminal !== undefined,
    columns: terminal?.columns,
    hasColors: () => terminal?.colours === true,
    write(text: string) {
      sink.text += text;
    },
  };
  return sink;
}

const refused = new CliError(exitCodes.refused, 'last_admin', 'it would have no admin', {
  advice: 'make another member an admin first',
  problems: [{ path: 'members[3]', message: 'is the last one' }],
});

describe('output for people', () => {
  it('puts the answer on stdout and everything else on stderr', () => {
    const [out, err] = [screen(), screen()];
    const output = createOutput(out, err, false);
    output.note('on the way');
    output.answer({ id: 1 }, () => 'one');
    output.failure(refused);
    expect(out.text).toBe('one\n');
    expect(err.text).toBe(
      'on the way\n✗ it would have no admin\n    members[3]: is the last one\n' +
        '  make another member an admin first\n',
    );
  });

  it('has colours on a terminal that has them, and nowhere else', () => {
    const coloured = createOutput(screen({ columns: 80, colours: true }), screen(), false);
    const plain = createOutput(screen({ columns: 80, colours: false }), screen(), false);
    expect(coloured.style.good('yes')).toContain('\u001b[');
    expect(coloured.errorStyle.good('yes')).toBe('yes');
    expect(plain.style.good('yes')).toBe('yes');
  });

  it('is as wide as the terminal, and never wider than 100 columns', () => {
    const width = (columns: number) =>
      createOutput(screen({ columns, colours: false }), screen(), false).width;
    expect([width(72), width(240), createOutput(screen(), screen(), false).width]).toEqual([
      72, 100, 100,
    ]);
  });
});

describe('output as JSON', () => {
  it('is one document on stdout and nothing on stderr', async () => {
    const [out, err] = [screen(), screen({ columns: 80, colours: true })];
    const output = createOutput(out, err, true);
    await createSteps(output).run(
      'work',
      () => Promise.resolve(),
      () => 'done',
    );
    const progress = await createProgress(output, { doing: 'Sending', total: 10 });
    progress.wait('Storing');
    progress.stop();
    output.note('on the way');
    output.answer({ id: 1 }, () => 'one');
    expect(JSON.parse(out.text)).toEqual({ id: 1 });
    expect(err.text).toBe('');
  });

  it('says a failure the same way', () => {
    const out = screen();
    createOutput(out, screen(), true).failure(refused);
    expect(JSON.parse(out.text)).toEqual({
      error: {
        code: 'last_admin',
        message: 'it would have no admin',
        exit_code: 1,
        advice: 'make another member an admin first',
        problems: [{ path: 'members[3]', message: 'is the last one' }],
      },
    });
  });
});

describe('steps', () => {
  it('leave one plain line each where nobody watches', async () => {
    const err = screen();
    const steps = createSteps(createOutput(screen(), err, false));
    await steps.run(
      'working',
      () => Promise.resolve(3),
      (result) => `worked ${result} times`,
    );
    expect(err.text).toMatch(/^ {2}✓ worked 3 times +\d+ ms\n$/);
  });

  it('leave no line when they fail', async () => {
    const err = screen({ columns: 80, colours: false });
    const steps = createSteps(createOutput(screen(), err, false));
    const failing = steps.run(
      'working',
      () => Promise.reject(refused),
      () => 'worked',
    );
    await expect(failing).rejects.toBe(refused);
    expect(err.text).not.toContain('✓');
    expect(err.text.endsWith('\r\u001b[2K')).toBe(true);
  });
});

describe('progress', () => {
  it('is plain lines where there is no terminal', async () => {
    const err = screen();
    const work = { doing: 'Sending', total: 100 };
    const progress = await createProgress(createOutput(screen(), err, false), work);
    progress.advance(50);
    progress.wait('Storing');
    progress.stop();
    expect(err.text).toBe('Sending\nStoring\n');
  });
});
