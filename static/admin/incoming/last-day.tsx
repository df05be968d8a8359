import { Box, Inline, Text, xcss } from '@atlaskit/primitives';
import { token } from '@atlaskit/tokens';
import { listTexts as texts } from './texts';

/** Pixels of the little chart: a bar for each hour and the gap beside it. */
const barWidth = 2;
const pitch = 3;
const height = 16;

// The table's columns are narrow: a bar that is squeezed out would be the newest hour.
const whole = xcss({ flexShrink: '0', whiteSpace: 'nowrap' });

export const totalOf = (created: readonly number[]): number => created.reduce((sum, count) => sum + count, 0);

/** The mails that a connection took in each of the last 24 hours, as little bars, and how many those are. */
export function LastDay({ created }: { created: readonly number[] }) {
  const total = totalOf(created);
  if (total === 0) return <Text color="color.text.subtlest">{texts.noMailToday}</Text>;
  const most = Math.max(...created);
  return (
    <Inline space="space.050" alignBlock="center">
      <Box xcss={whole}>
        <svg width={created.length * pitch} height={height} role="img" aria-label={texts.mostInAnHour(most)}>
          {created.map((count, hour) => {
            // An hour without mail leaves a line, so that the day stays a day.
            const tall = count === 0 ? 1 : Math.max(2, Math.round((count / most) * height));
            return (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: the hours are always the same 24.
                key={hour}
                x={hour * pitch}
                y={height - tall}
                width={barWidth}
                height={tall}
                fill={count === 0 ? token('color.border') : token('color.chart.success')}
              />
            );
          })}
        </svg>
      </Box>
      <Box xcss={whole}>
        <Text>{total.toLocaleString('en')}</Text>
      </Box>
    </Inline>
  );
}
