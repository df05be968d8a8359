import Heading from '@atlaskit/heading';
import { Box, Inline, Stack, Text, xcss } from '@atlaskit/primitives';
import { token } from '@atlaskit/tokens';
import { type ReactElement, useId } from 'react';
import { CartesianGrid, ResponsiveContainer, Tooltip, type TooltipContentProps, XAxis, YAxis } from 'recharts';
import type { ChartPeriod } from '../../../src/domain/tally';
import { chartTexts as texts } from './texts';

/** Pixels: the library wants a number. */
const chartHeight = 220;
const axisWidth = 52;

export interface Series {
  key: string;
  label: string;
  color: string;
}

interface FrameProps {
  title: string;
  hint?: string;
  series: readonly Series[];
  period: ChartPeriod;
  /** The chart itself, which fills the frame. */
  children: ReactElement;
}

const frameStyles = xcss({ margin: 'space.0', minWidth: '0' });

/** A chart under its title, with its legend. */
export function ChartFrame({ title, hint, series, period, children }: FrameProps) {
  const titleId = useId();
  return (
    <Box as="section" aria-labelledby={titleId} xcss={frameStyles}>
      <Stack space="space.100">
        <Heading as="h3" size="xsmall" id={titleId}>
          {title}
        </Heading>
        <Box role="group" aria-label={texts.summary(title, texts.periods[period])}>
          <ResponsiveContainer width="100%" height={chartHeight}>
            {children}
          </ResponsiveContainer>
        </Box>
        <Inline space="space.150" rowSpace="space.050" shouldWrap>
          {series.map(({ key, label, color }) => (
            <Legend key={key} label={label} color={color} />
          ))}
        </Inline>
        {hint && (
          <Text size="small" color="color.text.subtlest">
            {hint}
          </Text>
        )}
      </Stack>
    </Box>
  );
}

function Legend({ label, color }: { label: string; color: string }) {
  return (
    <Inline space="space.050" alignBlock="center">
      <svg width="10" height="10" aria-hidden="true">
        <rect width="10" height="10" rx="2" fill={color} />
      </svg>
      <Text size="small">{label}</Text>
    </Inline>
  );
}

interface AxisFormats {
  time: (at: number) => string;
  value: (value: number) => string;
  /** The whole stretch that begins at a moment. */
  span: (at: number) => string;
}

/** Grid, axes and tooltip, which all the charts have alike. */
export function axes({ time, value, span }: AxisFormats): ReactElement {
  const tick = { fill: token('color.text.subtlest'), fontSize: 12 };
  const line = { stroke: token('color.border') };
  return (
    <>
      <CartesianGrid vertical={false} stroke={token('color.border')} />
      <XAxis dataKey="at" tickFormatter={time} tick={tick} axisLine={line} tickLine={line} minTickGap={24} />
      <YAxis
        tickFormatter={value}
        tick={tick}
        axisLine={false}
        tickLine={false}
        width={axisWidth}
        allowDecimals={false}
      />
      <Tooltip
        cursor={{ fill: token('color.background.neutral'), stroke: token('color.border') }}
        isAnimationActive={false}
        content={(props) => <Values {...props} value={value} span={span} />}
      />
    </>
  );
}

const valuesStyles = xcss({
  backgroundColor: 'elevation.surface.overlay',
  boxShadow: 'elevation.shadow.overlay',
  borderRadius: 'radius.small',
  padding: 'space.100',
});

/** What stands at one moment. */
function Values(props: TooltipContentProps & Pick<AxisFormats, 'value' | 'span'>) {
  const { active, payload, label, value, span } = props;
  if (!active || payload.length === 0) return null;
  return (
    <Box xcss={valuesStyles}>
      <Stack space="space.050">
        <Text size="small" weight="medium">
          {span(Number(label))}
        </Text>
        {payload.map(({ name, color, value: number }) => (
          <Inline key={String(name)} space="space.200" spread="space-between" alignBlock="center">
            <Legend label={String(name)} color={color ?? ''} />
            <Text size="small">{typeof number === 'number' ? value(number) : texts.none}</Text>
          </Inline>
        ))}
      </Stack>
    </Box>
  );
}
